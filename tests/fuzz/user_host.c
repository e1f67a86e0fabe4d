/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include <rawtooth/doors.h>

#include "tests/fuzz/user.h"

static const char *const names[] = { "", "A host", "H\xc3\xb6st",
				     "\xff no UTF-8" };

/* --- requests ------------------------------------------------------------ */

static void on_device(struct rt_inquiry *inquiry,
		      const struct rt_device *device, void *user_data)
{
	struct user *user = user_data;

	user_called(user);
	user_must(user->inquires && user->inquiry == inquiry,
		  "devices while it inquires");
	user_must(device->eir_bytes <= 240 && strlen(device->name) <= 248,
		  "a device");
	user_answered(user);
}

static void on_inquired(struct rt_inquiry *inquiry,
			const struct rt_error_info *info, void *user_data)
{
	struct user *user = user_data;

	user_called(user);
	user_must(user->inquires && user->inquiry == inquiry && info->err <= 0,
		  "an inquiry ends once");
	user->inquires = false;
	user_answered(user);
}

static const struct rt_inquiry_callbacks inquiry_callbacks = {
	.size = sizeof(inquiry_callbacks),
	.on_device = on_device,
	.on_done = on_inquired,
};

static void inquire(struct user *user, struct rt_rd *r)
{
	const uint8_t how = rt_rd_u8(r);
	const struct rt_inquiry_options options = {
		.size = sizeof(options),
		.callbacks = &inquiry_callbacks,
		.user_data = user,
		.seconds = rt_rd_u8(r),
		.limited = how & 4,
		.names = how & 8,
		.names_ms = how & 16 ? 1000 : 0,
	};

	if (how & 1 && user->inquiry) {
		rt_inquiry_stop(user->inquiry);
		user_must(!rt_inquiry_is_active(user->inquiry), "stopped");
		user->inquires = false;
		return;
	}
	rt_inquiry_free(user->inquiry);
	user->inquiry = NULL;
	user->inquires = false;
	if (!(how & 2) && rt_inquiry_start_with(user->node->host, &options,
						&user->inquiry) == 0)
		user->inquires = true;
}

static void on_name(struct rt_name_request *request, const char *name,
		    const struct rt_error_info *info, void *user_data)
{
	struct user *user = user_data;

	user_called(user);
	user_must(user->names && user->name == request &&
			  (name || info->err < 0),
		  "a name or a reason, once");
	user->names = false;
	user_answered(user);
}

static void ask_name(struct user *user, struct rt_rd *r)
{
	static const struct rt_name_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_name = on_name,
	};
	const uint8_t which = rt_rd_u8(r);

	rt_name_request_free(user->name);
	user->name = NULL;
	user->names =
		!(which & 0x80) &&
		rt_name_request_start(user->node->host, user_addr(user, which),
				      &callbacks, user, &user->name) == 0;
}

static void on_reply(struct rt_echo *echo, const struct rt_error_info *info,
		     const void *data, size_t bytes, void *user_data)
{
	struct user *user = user_data;

	(void)data;
	(void)bytes;
	user_called(user);
	user_must(user->echoes && user->echo == echo && info->err <= 0,
		  "an echo ends once");
	user->echoes = false;
	user_answered(user);
}

static void ask_echo(struct user *user, struct rt_rd *r)
{
	static const struct rt_echo_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_reply = on_reply,
	};
	const uint8_t which = rt_rd_u8(r);
	const struct rt_echo_options options = {
		.size = sizeof(options),
		.callbacks = &callbacks,
		.user_data = user,
		.data = "01234567890123456789012345678901234567890123456789",
		.bytes = rt_rd_u8(r) % 50,
	};

	rt_echo_free(user->echo);
	user->echo = NULL;
	user->echoes = !(which & 0x80) &&
		       rt_echo_start(user->node->host, user_addr(user, which),
				     &options, &user->echo) == 0;
}

static void on_service(struct rt_service_search *search,
		       const struct rt_service *service, void *user_data)
{
	struct user *user = user_data;

	user_called(user);
	user_must(user->searches && user->search == search, "a search");
	if (!user->service[0])
		user->service[0] = rt_service_copy(service);
	user_answered(user);
}

static void on_device_done(struct rt_service_search *search,
			   struct rt_addr addr,
			   const struct rt_error_info *info, void *user_data)
{
	struct user *user = user_data;

	(void)addr;
	(void)info;
	user_called(user);
	user_must(user->searches && user->search == search, "a search");
	user_answered(user);
}

static void on_searched(struct rt_service_search *search,
			const struct rt_error_info *info, void *user_data)
{
	struct user *user = user_data;

	user_called(user);
	user_must(user->searches && user->search == search && info->err <= 0,
		  "a search ends once");
	user->searches = false;
	user_answered(user);
}

static void search(struct user *user, struct rt_rd *r)
{
	static const struct rt_service_search_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_service = on_service,
		.on_device_done = on_device_done,
		.on_done = on_searched,
	};
	const uint8_t which = rt_rd_u8(r);
	const uint8_t how = rt_rd_u8(r);
	const struct rt_uuid uuid = user_uuid(how >> 4);
	const struct rt_service_search_options options = {
		.size = sizeof(options),
		.callbacks = &callbacks,
		.user_data = user,
		.addr = user_addr(user, which),
		.seconds = how & 3,
		.uuids = &uuid,
		.uuid_count = how >> 2 & 1,
		.handle = how & 8 ? 0x10000 : 0,
		.minimal = which & 0x40,
	};

	rt_service_search_free(user->search);
	user->search = NULL;
	user->searches = !(which & 0x80) &&
			 rt_service_search_start(user->node->host, &options,
						 &user->search) == 0;
}

/* --- the host itself ----------------------------------------------------- */

static void settings(struct user *user, struct rt_rd *r)
{
	struct rt_host *host = user->node->host;
	const uint8_t what = rt_rd_u8(r);
	const uint32_t value = rt_rd_le32(r);

	switch (what % 6) {
	case 0:
		(void)!rt_host_set_name(host, names[value % 4]);
		return;
	case 1:
		(void)!rt_host_set_class_of_device(host, value);
		return;
	case 2:
	case 3:
		(void)!rt_host_set_mode(host, (enum rt_host_mode)(value % 6));
		return;
	case 4:
		rt_host_set_connectable(host, value & 1);
		return;
	default:
		rt_host_set_discoverable(host, value & 1);
		return;
	}
}

static void look(struct user *user)
{
	struct rt_host *host = user->node->host;
	struct rt_error_info error = { .size = sizeof(error) };
	struct rt_controller_info info = { .size = sizeof(info) };
	struct rt_link_info link = { .size = sizeof(link) };
	struct rt_host_stats stats = { .size = sizeof(stats) };
	struct rt_addr addrs[3];
	size_t n;

	rt_host_error_info(host, &error);
	rt_host_controller_info(host, &info);
	rt_host_get_stats(host, &stats);
	n = rt_host_connected(host, addrs, 3);
	user_must(n <= 7, "seven links at most");
	for (size_t i = 0; i < n && i < 3; i++)
		user_must(rt_host_link_info(host, addrs[i], &link) == 0,
			  "links that are open");
	user_must(strlen(rt_host_name(host)) <= 248, "a name");
	(void)rt_class_of_device_name(rt_host_class_of_device(host));
	(void)rt_host_state(host);
	(void)rt_host_mode(host);
	(void)rt_host_is_idle(host);
}

static bool on_tap(const struct rt_tap_pdu *pdu, void *user_data)
{
	struct user *user = user_data;
	const uint8_t msc[] = { 0x0b, 0x8d };

	user_must(pdu->bytes == 0 || pdu->data, "octets of a PDU");
	/* What enters an engine is refused in here. */
	user_must(rt_host_inject(user->node->host, pdu->peer, pdu->id,
				 pdu->data, pdu->bytes) < 0,
		  "a tap can't inject");
	if (user->drops && pdu->bytes % 4 == 1) {
		(void)!rt_host_send_mcc(user->node->host, pdu->peer, 0x38, true,
					msc, sizeof(msc));
		return false;
	}
	return true;
}

static void research(struct user *user, struct rt_rd *r)
{
	struct rt_host *host = user->node->host;
	const uint8_t what = rt_rd_u8(r);
	const struct rt_addr addr = user_addr(user, what >> 4);
	const uint16_t id = rt_rd_le16(r);
	const struct rt_bytes data = rt_rd_rest(r);

	switch (what & 7) {
	case 0:
		(void)!rt_host_hold_link(host, addr, id & 1);
		return;
	case 1:
		(void)!rt_host_send_raw(host, addr, id, data.ptr, data.len);
		return;
	case 2:
		(void)!rt_host_inject(host, addr, id, data.ptr, data.len);
		return;
	case 3:
		(void)!rt_host_send_frame(host, addr, data.ptr, data.len);
		return;
	case 4:
		(void)!rt_host_send_mcc(host, addr, (uint8_t)id, id & 0x100,
					data.ptr, data.len);
		return;
	case 5:
		(void)!rt_host_inject_frame(host, addr, data.ptr, data.len);
		return;
	default:
		user->drops = id & 2;
		rt_host_set_tap(host, id & 1 ? on_tap : NULL, user);
		return;
	}
}

static void never(void *arg)
{
	(void)arg;
	user_must(false, "a host without a loop posts nothing");
}

/* Functions of a host with a loop: this one has none. */
static void loop(struct user *user)
{
	struct rt_host *host = user->node->host;

	user_must(rt_host_fd(host) == -ENOSYS, "no descriptor");
	user_must(rt_host_dispatch(host) < 0, "no dispatch");
	user_must(rt_host_run(host, 0) < 0, "no run");
	user_must(rt_host_post(host, never, NULL) < 0, "no post");
	rt_host_wakeup(host);
	rt_host_quit(host);
	(void)rt_host_timeout(host);
}

static void end_host(struct user *user, enum user_act what, struct rt_rd *r)
{
	const uint8_t how = rt_rd_u8(r);

	/* It does not come back: not too often. */
	if (how % 4 != 0)
		return;
	if (what == USER_SHUTDOWN)
		rt_host_shutdown(user->node->host);
	else if (how & 4)
		rt_host_transport_resync(user->node->host);
	else
		rt_host_transport_lost(user->node->host, -ENODEV);
}

void user_act_host(struct user *user, enum user_act what, struct rt_rd *r)
{
	static void (*const acts[])(struct user *, struct rt_rd *) = {
		[USER_INQUIRE - USER_INQUIRE] = inquire,
		[USER_ASK_NAME - USER_INQUIRE] = ask_name,
		[USER_ECHO - USER_INQUIRE] = ask_echo,
		[USER_SEARCH - USER_INQUIRE] = search,
		[USER_SETTINGS - USER_INQUIRE] = settings,
		[USER_RESEARCH - USER_INQUIRE] = research,
	};

	switch (what) {
	case USER_HOST_LOOK:
		look(user);
		return;
	case USER_LOOP:
		loop(user);
		return;
	case USER_SHUTDOWN:
	case USER_TRANSPORT:
		end_host(user, what, r);
		return;
	default:
		acts[what - USER_INQUIRE](user, r);
		return;
	}
}
