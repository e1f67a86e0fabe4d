/* SPDX-License-Identifier: MIT */
#ifndef RT_INTEROP_SETTINGS_H
#define RT_INTEROP_SETTINGS_H

/*
 * Settings of the kernel's controller 0 by its management interface, as
 * btmgmt makes them, but all at once: "ssp=1", "bondable=1", "connectable=1",
 * "io=3", "powered=1", in the order given. Returns 0, or 1 after naming the one
 * that was refused.
 */
int settings_make(int count, char **settings);

#endif
