/* SPDX-License-Identifier: MIT */
#ifndef RAWTOOTH_RAWTOOTH_H
#define RAWTOOTH_RAWTOOTH_H

/*
 * Rawtooth: Bluetooth Classic (BR/EDR) in one process. This is all that a
 * program needs; <rawtooth/socket.h> is the part that resembles
 * QBluetoothSocket and QBluetoothServer, <rawtooth/host.h> opens a controller
 * and drives it, <rawtooth/discovery.h> finds devices. Not included here are
 * <rawtooth/doors.h>, for programs that bring their own time and transport, and
 * <rawtooth/research.h>, for octets of one's own and a look at those that pass.
 *
 * Rules for all of it:
 *
 * - A function returns 0 or a count, or a negative errno. On failure nothing
 *   has changed and results are untouched.
 * - Callbacks come only from rt_host_dispatch() and rt_host_run(), never from
 *   inside another call. Any object may be freed in any callback.
 * - A host and everything on it belong to one thread at a time; only
 *   rt_host_post() and rt_host_wakeup() may be called from any thread.
 * - Structures of callbacks and options begin with `size`, set to sizeof of
 *   the structure, and are otherwise zeroed by the caller: members added by
 *   later versions are then read as zero. They are copied.
 * - Strings are UTF-8. Returned strings belong to the library and are valid
 *   until the next call for the same object.
 */

#include <rawtooth/addr.h>
#include <rawtooth/discovery.h>
#include <rawtooth/error.h>
#include <rawtooth/export.h>
#include <rawtooth/host.h>
#include <rawtooth/socket.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Prints an address: see <rawtooth/addr.h>. */
RT_API char *rt_addr_format(struct rt_addr addr, char *str);

/* Reads an address: see <rawtooth/addr.h>. */
RT_API int rt_addr_parse(const char *str, struct rt_addr *ret_addr);

#ifdef __cplusplus
}
#endif

#endif
