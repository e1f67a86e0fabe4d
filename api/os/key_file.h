/* SPDX-License-Identifier: MIT */
#ifndef RT_KEY_FILE_H
#define RT_KEY_FILE_H

#include <stddef.h>

#include "hci/security.h"
#include "stack/addr.h"
#include "stack/base.h"

/*
 * Where link keys are kept if the application has no store of its own: a file
 * an adapter, "AA:BB:CC:DD:EE:FF.keys", in the format of hci/security.h. The
 * directory is that of the user's state, $XDG_STATE_HOME/rawtooth or
 * ~/.local/state/rawtooth.
 *
 * The directory has mode 0700 and the file 0600, whatever the umask, and both
 * are this user's: else they are not used, for others may know the keys, or
 * have given us theirs. Links to the file or directory are not followed.
 *
 * A file is never changed, but replaced: written beside it, brought to the
 * disk, renamed. So it holds the old keys or the new ones at any time, also
 * after a crash; what a crash left beside it goes with the next save. There is
 * no lock: of two processes that save keys of one adapter the last one wins.
 * An adapter is used by one process at a time.
 *
 * `dir` is a directory, or NULL for the one above. `message`, NULL or
 * RT_MESSAGE_BYTES, gets a sentence that says what to do, if it fails.
 */

/*
 * Calls `key` for each key of the adapter; for none if there is no file yet.
 *
 * Returns 0, and nothing has been told otherwise: -EPERM (owner or mode),
 * -ELOOP (a link), -EINVAL (not a regular file, or no adapter), -EFBIG,
 * -EBADMSG (damaged), -EPROTO (of a later version), -ESTALE (of another
 * adapter), -ENOENT (no directory is known), -ENOMEM or that of a system call.
 */
int rt_key_file_load(const char *dir, struct rt_addr adapter,
		     void (*key)(void *user, const struct rt_sec_key *key),
		     void *user, char *message) RT_MUST_CHECK;

/*
 * Makes these the keys of the adapter; the directory is created if it is not
 * there.
 *
 * Returns 0, -EINVAL (a key is not sound, or there twice), -ENOSPC (more than
 * the format has room for, or no room on the disk), -EPERM and others as above;
 * then the file is as it was. The exception is that the very last step fails,
 * to bring the rename to the disk: then the keys are stored, and may be the old
 * ones again if the machine crashes now.
 */
int rt_key_file_save(const char *dir, struct rt_addr adapter,
		     const struct rt_sec_key *keys, size_t count,
		     char *message) RT_MUST_CHECK;

#endif
