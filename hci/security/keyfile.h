/* SPDX-License-Identifier: MIT */
#ifndef RT_SEC_KEYFILE_H
#define RT_SEC_KEYFILE_H

/*
 * The file format of keys, of rt_sec_file_write() and rt_sec_file_read():
 *
 *	rawtooth-keys 1 adapter AA:BB:CC:DD:EE:FF keys 1
 *	11:22:33:44:55:66 type 4 size 16 pin 0 key
 *00112233445566778899AABBCCDDEEFF crc32 1234ABCD
 *
 * A set of keys has one text only: lines stand in the order of addresses, all
 * digits in upper case, numbers without leading zeros, one newline behind each
 * line and nothing behind the last. The octets of a key are in the order in
 * which HCI carries them.
 *
 * The sum is there for what disks and editors do, not for attackers: who can
 * write the file has the keys. CRC-32 (IEEE 802.3, of all octets before its
 * line) finds any three bits and any 32 bits in a row that are changed in a
 * file of this size, for certain; a hash of more bits would not promise that.
 */

#define RT_SEC_FILE_KEYS_MAX 256

#endif
