/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the code under test has said through printk(), for unit tests to look at. */
#ifndef FAKE_LOG_H
#define FAKE_LOG_H

/* All text since the last fake_log_clear(), cut off at some kilobytes. */
const char *fake_log_text(void);
void fake_log_clear(void);

#endif
