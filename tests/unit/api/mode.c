/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "api/host.h"
#include "hci/gap.h"
#include "hci/hci.h"
#include "tests/support/end.h"
#include "tests/support/suite.h"
#include "tools/sim/world.h"

/* Modes of a host, its power, its class of device, and its open links. */

static struct world *w;
static struct rt_host *host;
static unsigned int found;
static uint32_t found_class;

static void setup(void)
{
	const struct world_options options = { .seed = 3, .hosts = 2 };

	w = world_new(&options);
	host = world_host(w, 0);
	found = 0;
}

static void teardown(void)
{
	/* Devices that were found are remembered. */
	w->node[1].memory_idle += 1;
	world_finish(w);
}

static void on_device(struct rt_inquiry *inquiry,
		      const struct rt_device *device, void *user_data)
{
	(void)inquiry;
	(void)user_data;
	ck_assert(rt_addr_equal(device->addr, world_addr(w, 0)));
	found_class = device->class_of_device;
	ck_assert_uint_eq(device->limited,
			  (device->class_of_device & 0x2000) != 0);
	found++;
}

/* Whether the other host finds this one. */
static bool is_found(bool limited)
{
	static const struct rt_inquiry_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_device = on_device,
	};
	struct rt_inquiry *inquiry;

	found = 0;
	ck_assert_int_eq(rt_inquiry_start(world_host(w, 1), 1, limited,
					  &callbacks, NULL, &inquiry),
			 0);
	world_run(w, RT_SECONDS(3));
	rt_inquiry_free(inquiry);
	return found > 0;
}

/* Whether the other host can make a link to this one. */
static bool is_reached(void)
{
	struct end end = { .s = NULL };
	struct rt_addr addrs[2];
	bool reached;

	end_open(&end, world_host(w, 1), RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(rt_socket_connect(end.s, world_addr(w, 0), 0x1001), 0);
	world_run(w, RT_MS(500));
	reached = rt_host_connected(world_host(w, 1), addrs, 2) > 0;
	end_free(&end);
	world_run(w, RT_SECONDS(30));
	return reached;
}

static void set(enum rt_host_mode mode)
{
	ck_assert_int_eq(rt_host_set_mode(host, mode), 0);
	world_settle(w);
	ck_assert_int_eq(rt_host_mode(host), mode);
}

START_TEST(each_mode_lets_others_do_what_it_says)
{
	ck_assert_int_eq(rt_host_mode(host), RT_HOST_MODE_NOT_CONNECTABLE);
	ck_assert(!is_reached());
	set(RT_HOST_MODE_CONNECTABLE);
	ck_assert(is_reached());
	ck_assert(!is_found(false));
	set(RT_HOST_MODE_DISCOVERABLE);
	ck_assert(is_reached());
	ck_assert(is_found(false));
	ck_assert(!(found_class & 0x2000));
	ck_assert(!is_found(true));
	set(RT_HOST_MODE_LIMITED);
	ck_assert(is_found(true));
	ck_assert(found_class & 0x2000);
	ck_assert(is_found(false));
	set(RT_HOST_MODE_NOT_CONNECTABLE);
	ck_assert(!is_found(true));
	ck_assert(!is_found(false));
	ck_assert(!is_reached());
}
END_TEST

START_TEST(a_mode_that_there_is_not_is_refused)
{
	ck_assert_int_eq(rt_host_set_mode(host, (enum rt_host_mode)5), -EINVAL);
	ck_assert_int_eq(rt_host_mode(host), RT_HOST_MODE_NOT_CONNECTABLE);
}
END_TEST

START_TEST(limited_lasts_a_minute_and_gives_back_what_was)
{
	const enum rt_host_mode before =
		_i == 0 ? RT_HOST_MODE_CONNECTABLE : RT_HOST_MODE_DISCOVERABLE;

	set(before);
	set(RT_HOST_MODE_LIMITED);
	world_run(w, RT_SECONDS(30));
	/* Once more: the minute begins anew, and `before` stays. */
	set(RT_HOST_MODE_LIMITED);
	world_run(w, RT_SECONDS(60) - 1);
	ck_assert_int_eq(rt_host_mode(host), RT_HOST_MODE_LIMITED);
	world_run(w, 1);
	ck_assert_int_eq(rt_host_mode(host), before);
	ck_assert(!is_found(true));
	ck_assert_uint_eq(is_found(false), before == RT_HOST_MODE_DISCOVERABLE);
}
END_TEST

START_TEST(old_setters_and_modes_agree)
{
	rt_host_set_connectable(host, true);
	ck_assert_int_eq(rt_host_mode(host), RT_HOST_MODE_CONNECTABLE);
	set(RT_HOST_MODE_LIMITED);
	rt_host_set_discoverable(host, true);
	ck_assert_int_eq(rt_host_mode(host), RT_HOST_MODE_DISCOVERABLE);
	world_run(w, RT_SECONDS(120));
	ck_assert_int_eq(rt_host_mode(host), RT_HOST_MODE_DISCOVERABLE);
	rt_host_set_discoverable(host, false);
	ck_assert_int_eq(rt_host_mode(host), RT_HOST_MODE_CONNECTABLE);
}
END_TEST

START_TEST(a_listening_server_makes_the_host_connectable)
{
	struct rt_server *server =
		rt_server_new(host, RT_PROTOCOL_L2CAP, NULL, NULL);

	ck_assert_ptr_nonnull(server);
	ck_assert_int_eq(rt_server_listen(server, 0x1001), 0);
	ck_assert_int_eq(rt_host_mode(host), RT_HOST_MODE_CONNECTABLE);
	rt_server_free(server);
	ck_assert_int_eq(rt_host_mode(host), RT_HOST_MODE_NOT_CONNECTABLE);
}
END_TEST

START_TEST(power_off_ends_servers_and_links_and_power_on_is_a_new_start)
{
	struct end end = { .s = NULL };
	struct rt_server *server =
		rt_server_new(host, RT_PROTOCOL_RFCOMM, NULL, NULL);
	struct rt_addr addrs[2];
	struct rt_inquiry *inquiry;

	ck_assert_ptr_nonnull(server);
	ck_assert_int_eq(rt_server_listen(server, 5), 0);
	world_settle(w);
	end_open(&end, world_host(w, 1), RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_socket_connect(end.s, world_addr(w, 0), 5), 0);
	ck_assert(world_run_until(w, end_is_connected, &end, RT_SECONDS(30)));
	ck_assert_uint_eq(rt_host_connected(host, addrs, 2), 1);
	ck_assert_int_eq(rt_host_set_mode(host, RT_HOST_MODE_OFF), 0);
	ck_assert_int_eq(rt_host_state(host), RT_HOST_STOPPING);
	ck_assert_int_eq(rt_host_mode(host), RT_HOST_MODE_OFF);
	world_run(w, RT_SECONDS(30));
	ck_assert_int_eq(rt_host_state(host), RT_HOST_OFF);
	ck_assert(!rt_server_is_listening(server));
	ck_assert_int_eq(rt_server_error(server), RT_SERVER_ERROR_POWERED_OFF);
	ck_assert(end_is_unconnected(&end));
	ck_assert_uint_eq(rt_host_connected(host, addrs, 2), 0);
	ck_assert(rt_host_is_idle(host) || !rt_list_empty(&host->servers));
	/* Nothing works, and nothing happens. */
	ck_assert_int_eq(rt_server_listen(server, 5), -ENETDOWN);
	ck_assert_int_eq(rt_inquiry_start(host, 1, false, NULL, NULL, &inquiry),
			 -ENETDOWN);
	ck_assert(!is_found(false));
	ck_assert_int_eq(rt_host_set_mode(host, RT_HOST_MODE_OFF), 0);
	world_run(w, RT_SECONDS(100));
	ck_assert_int_eq(rt_host_state(host), RT_HOST_OFF);
	/* And on again. */
	ck_assert_int_eq(rt_host_set_mode(host, RT_HOST_MODE_DISCOVERABLE), 0);
	world_run(w, RT_SECONDS(5));
	ck_assert_int_eq(rt_host_state(host), RT_HOST_UP);
	ck_assert_int_eq(rt_server_listen(server, 5), 0);
	world_settle(w);
	ck_assert(is_found(false));
	end_free(&end);
	end = (struct end){ .s = NULL };
	end_open(&end, world_host(w, 1), RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_socket_connect(end.s, world_addr(w, 0), 5), 0);
	ck_assert(world_run_until(w, end_is_connected, &end, RT_SECONDS(30)));
	end_free(&end);
	rt_server_free(server);
	ck_assert_str_eq(w->node[0].states, "UPOSU");
}
END_TEST

START_TEST(on_again_before_it_is_off_ends_up)
{
	ck_assert_int_eq(rt_host_set_mode(host, RT_HOST_MODE_OFF), 0);
	ck_assert_int_eq(rt_host_set_mode(host, RT_HOST_MODE_CONNECTABLE), 0);
	world_run(w, RT_SECONDS(30));
	ck_assert_int_eq(rt_host_state(host), RT_HOST_UP);
	ck_assert_int_eq(rt_host_mode(host), RT_HOST_MODE_CONNECTABLE);
	/* And off for good if that was said last. */
	ck_assert_int_eq(rt_host_set_mode(host, RT_HOST_MODE_OFF), 0);
	ck_assert_int_eq(rt_host_set_mode(host, RT_HOST_MODE_CONNECTABLE), 0);
	ck_assert_int_eq(rt_host_set_mode(host, RT_HOST_MODE_OFF), 0);
	world_run(w, RT_SECONDS(30));
	ck_assert_int_eq(rt_host_state(host), RT_HOST_OFF);
}
END_TEST

/* Shut down while off, or on the way there; the transport fails likewise. */
START_TEST(a_host_without_power_can_end)
{
	ck_assert_int_eq(rt_host_set_mode(host, RT_HOST_MODE_OFF), 0);
	if (_i % 2 == 0)
		world_run(w, RT_SECONDS(30));
	if (_i < 2)
		rt_host_shutdown(host);
	else
		world_unplug(w, 0, -ENODEV);
	world_run(w, RT_SECONDS(30));
	ck_assert_int_eq(rt_host_state(host), RT_HOST_DOWN);
	ck_assert_int_eq(rt_host_set_mode(host, RT_HOST_MODE_CONNECTABLE),
			 -ENETDOWN);
	ck_assert_int_eq(rt_host_set_mode(host, RT_HOST_MODE_OFF), -ENETDOWN);
}
END_TEST

START_TEST(power_off_ends_the_limited_mode)
{
	set(RT_HOST_MODE_CONNECTABLE);
	set(RT_HOST_MODE_LIMITED);
	ck_assert_int_eq(rt_host_set_mode(host, RT_HOST_MODE_OFF), 0);
	world_run(w, RT_SECONDS(30));
	ck_assert_int_eq(rt_host_state(host), RT_HOST_OFF);
	set(RT_HOST_MODE_CONNECTABLE);
	world_run(w, RT_SECONDS(5));
	ck_assert(!is_found(false));
	ck_assert_uint_eq(rt_host_class_of_device(host) & 0x2000, 0);
}
END_TEST

static char modes[16]; /* a digit for each mode told of */

static void on_mode_changed(struct rt_host *it, enum rt_host_mode mode,
			    void *user_data)
{
	const size_t len = strlen(modes);

	(void)user_data;
	ck_assert_ptr_eq(it, host);
	ck_assert_uint_lt(len, sizeof(modes) - 1);
	modes[len] = (char)('0' + (int)mode);
}

START_TEST(each_change_of_the_mode_is_told_once)
{
	memset(modes, 0, sizeof(modes));
	host->callbacks.on_mode_changed = on_mode_changed;
	set(RT_HOST_MODE_CONNECTABLE);
	set(RT_HOST_MODE_CONNECTABLE);
	set(RT_HOST_MODE_LIMITED);
	ck_assert_str_eq(modes, "24");
	world_run(w, RT_SECONDS(61));
	ck_assert_str_eq(modes, "242");
	ck_assert_int_eq(rt_host_set_mode(host, RT_HOST_MODE_OFF), 0);
	world_run(w, RT_SECONDS(30));
	ck_assert_str_eq(modes, "2420");
	set(RT_HOST_MODE_DISCOVERABLE);
	world_run(w, RT_SECONDS(5));
	ck_assert_str_eq(modes, "24203");
	host->callbacks.on_mode_changed = NULL;
}
END_TEST

START_TEST(the_class_of_device_is_as_set)
{
	ck_assert_int_eq(rt_host_set_class_of_device(host, 0x1000000), -EINVAL);
	ck_assert_int_eq(rt_host_set_class_of_device(host, 0x5a220c), 0);
	/* The bit of the limited mode is not the application's. */
	ck_assert_uint_eq(rt_host_class_of_device(host), 0x5a020c);
	set(RT_HOST_MODE_DISCOVERABLE);
	ck_assert(is_found(false));
	ck_assert_uint_eq(found_class, 0x5a020c);
}
END_TEST

START_TEST(open_links_are_known)
{
	struct rt_link_info info = { .size = sizeof(info) };
	struct end end = { .s = NULL };
	struct rt_addr addrs[1];

	set(RT_HOST_MODE_CONNECTABLE);
	ck_assert_uint_eq(rt_host_connected(host, addrs, 1), 0);
	ck_assert_int_eq(rt_host_link_info(host, world_addr(w, 1), &info),
			 -ENOTCONN);
	end_open(&end, world_host(w, 1), RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(
		rt_socket_set_option(end.s, RT_OPTION_IDLE_HOLD_MS, 20000), 0);
	ck_assert_int_eq(rt_socket_connect(end.s, world_addr(w, 0), 0x1001), 0);
	world_run(w, RT_SECONDS(1));
	ck_assert_uint_eq(rt_host_connected(host, addrs, 0), 1);
	ck_assert_uint_eq(rt_host_connected(host, addrs, 1), 1);
	ck_assert(rt_addr_equal(addrs[0], world_addr(w, 1)));
	ck_assert_int_eq(rt_host_link_info(host, addrs[0], &info), 0);
	ck_assert(info.incoming);
	ck_assert_uint_eq(info.role, RT_ROLE_PERIPHERAL);
	ck_assert_uint_eq(info.class_of_device, 0x100);
	ck_assert_int_eq(rt_host_link_info(world_host(w, 1), world_addr(w, 0),
					   &info),
			 0);
	ck_assert(!info.incoming);
	ck_assert_uint_eq(info.role, RT_ROLE_CENTRAL);
	end_free(&end);
}
END_TEST

START_TEST(a_server_that_wishes_becomes_central)
{
	struct rt_link_info info = { .size = sizeof(info) };
	struct end end = { .s = NULL };
	struct rt_server *server =
		rt_server_new(host, RT_PROTOCOL_L2CAP, NULL, NULL);

	ck_assert_ptr_nonnull(server);
	ck_assert_int_eq(rt_server_set_option(server, RT_OPTION_ROLE,
					      RT_ROLE_CENTRAL),
			 0);
	ck_assert_int_eq(rt_server_listen(server, 0x1001), 0);
	world_settle(w);
	end_open(&end, world_host(w, 1), RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(rt_socket_connect(end.s, world_addr(w, 0), 0x1001), 0);
	ck_assert(world_run_until(w, end_is_connected, &end, RT_SECONDS(30)));
	ck_assert_int_eq(rt_host_link_info(host, world_addr(w, 1), &info), 0);
	ck_assert_uint_eq(info.role, RT_ROLE_CENTRAL);
	ck_assert_int_eq(rt_host_link_info(world_host(w, 1), world_addr(w, 0),
					   &info),
			 0);
	ck_assert_uint_eq(info.role, RT_ROLE_PERIPHERAL);
	end_free(&end);
	rt_server_free(server);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("unit/api/mode");
	TCase *tc = tcase_create("mode");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, each_mode_lets_others_do_what_it_says);
	tcase_add_test(tc, a_mode_that_there_is_not_is_refused);
	tcase_add_loop_test(tc, limited_lasts_a_minute_and_gives_back_what_was,
			    0, 2);
	tcase_add_test(tc, old_setters_and_modes_agree);
	tcase_add_test(tc, a_listening_server_makes_the_host_connectable);
	tcase_add_test(
		tc,
		power_off_ends_servers_and_links_and_power_on_is_a_new_start);
	tcase_add_test(tc, on_again_before_it_is_off_ends_up);
	tcase_add_loop_test(tc, a_host_without_power_can_end, 0, 4);
	tcase_add_test(tc, power_off_ends_the_limited_mode);
	tcase_add_test(tc, each_change_of_the_mode_is_told_once);
	tcase_add_test(tc, the_class_of_device_is_as_set);
	tcase_add_test(tc, open_links_are_known);
	tcase_add_test(tc, a_server_that_wishes_becomes_central);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
