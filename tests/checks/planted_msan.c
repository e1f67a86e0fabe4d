/* SPDX-License-Identifier: MIT */
/* The build with the memory sanitizer finds an octet that was never written. */
#include <stdint.h>
#include <stdlib.h>

#include "tools/sim/written.h"

int main(void)
{
	uint8_t *packet = malloc(4);

	if (!packet)
		return EXIT_FAILURE;
	packet[0] = 1;
	packet[1] = 3;
	packet[3] = 0;
	sim_expect_written(packet, 4);
	free(packet);
	return EXIT_SUCCESS;
}
