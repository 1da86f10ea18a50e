# SPDX-License-Identifier: GPL-2.0-or-later
"""A world of their own for the commands under test: configuration, hooks and logs that are not the machine's."""
import os

HERE = os.path.dirname(os.path.abspath(__file__))
XEN_TOOLS = os.path.dirname(HERE)
BUILD = os.environ.get("XEN_TOOLS_BUILD") or os.path.join(os.path.dirname(XEN_TOOLS), "build", "xen-tools")


def command(name):
    return os.path.join(BUILD, name)


def environment(**more):
    env = dict(os.environ, LC_ALL="C.UTF-8", XEN_TOOLS_CONFIG=os.path.join(XEN_TOOLS, "etc"),
               XEN_TOOLS_SHARE=os.path.join(XEN_TOOLS, "hooks"))
    env.update(more)
    return env
