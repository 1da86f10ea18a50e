# SPDX-License-Identifier: GPL-2.0-or-later
"""QEMU arguments for a machine that starts from UEFI: Debian's package ovmf, two flash chips."""
import os

CODE = "/usr/share/OVMF/OVMF_CODE_4M.fd"
VARIABLES = "/usr/share/OVMF/OVMF_VARS_4M.fd"


def arguments(variables=None):
    """The firmware, and its variables in the file `variables`; without one they start empty and are thrown away."""
    if not os.path.exists(CODE):
        raise FileNotFoundError(f"{CODE}: apt-get install ovmf")
    chip = f"file={variables}" if variables else f"file={VARIABLES},snapshot=on"
    return ["-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={CODE}",
            "-drive", f"if=pflash,format=raw,unit=1,{chip}"]
