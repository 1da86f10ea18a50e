// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The keys of xl.cfg(5), and those of xm that xl kept: one table, which says of each what it sets, or why it does nothing
 * here. A key that is not in it is named in a warning. A key of something that does not exist yet is an error unless its value
 * means that it is not wanted.
 */
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "config.h"
#include "cpu_list.h"

#define KIB_OF_MIB 1024u
#define MEMORY_MIN_MIB 4
#define MEMORY_MAX_MIB (UINT_MAX / KIB_OF_MIB)
#define PVGRUB64   "/usr/lib/grub-xen/grub-x86_64-xen.bin"

struct reader {
	struct guest_config *config;
	const struct settings *settings;
	struct report *report;
};

typedef void setter(struct reader *r, const struct setting *s);

enum key_kind {
	KEY_TEXT,
	KEY_NUMBER,
	KEY_FLAG,
	KEY_ACTION,
	KEY_CALL,  /* a function reads it */
	KEY_LATER, /* of a feature that does not exist yet */
	KEY_HVM,   /* for guests of that type alone */
	KEY_OTHER, /* known, and without effect for a reason that is told */
};

struct key {
	const char *name;
	enum key_kind kind;
	size_t offset; /* in struct guest_config */
	long long min, max;
	setter *call;
	const char *reason;
};

static bool expect_number(struct reader *r, const struct setting *s, long long min, long long max,
			  long long *out)
{
	const struct value *v = s->value;
	bool is_number = true;
	char *rest = NULL;

	if (v->kind == VALUE_NUMBER) {
		*out = v->number;
	} else if (v->kind == VALUE_STRING && *v->text) {
		*out = strtoll(v->text, &rest, 0);
	} else {
		is_number = false;
	}
	if (!is_number || (rest && *rest)) {
		report_error_at(r->report, s->at, "%s must be a number", s->key);
		return false;
	}
	if (*out < min || *out > max) {
		report_error_at(r->report, s->at, "%s must be between %lld and %lld", s->key, min,
				max);
		return false;
	}
	return true;
}

static const char *expect_text(struct reader *r, const struct setting *s)
{
	if (s->value->kind == VALUE_STRING || s->value->kind == VALUE_NUMBER)
		return s->value->text;
	report_error_at(r->report, s->at, "%s must be a string", s->key);
	return NULL;
}

/* A flag is a number; on a command line it is often a word. */
static bool expect_flag(struct reader *r, const struct setting *s, bool *out)
{
	long long n = 0;

	if (s->value->kind == VALUE_STRING &&
	    (!strcasecmp(s->value->text, "true") || !strcasecmp(s->value->text, "yes")))
		n = 1;
	else if (s->value->kind != VALUE_STRING ||
		 (strcasecmp(s->value->text, "false") && strcasecmp(s->value->text, "no")))
		if (!expect_number(r, s, LLONG_MIN, LLONG_MAX, &n))
			return false;
	*out = n;
	return true;
}

static void set_text(char **where, const char *text)
{
	free(*where);
	*where = *text ? alloc_string(text) : NULL;
}

static void set_name(struct reader *r, const struct setting *s)
{
	const char *name = expect_text(r, s);

	if (name && !guest_name_is_good(name))
		report_error_at(r->report, s->at,
				"name must have 1 to %u characters, none of them '/', and not only "
				"digits",
				GUEST_NAME_MAX);
	else if (name)
		set_text(&r->config->name, name);
}

static void set_uuid(struct reader *r, const struct setting *s)
{
	const char *text = expect_text(r, s);

	if (text && *text && !guest_uuid_parse(text, r->config->uuid))
		report_error_at(r->report, s->at, "uuid is not a UUID: '%s'", text);
	else if (text && *text)
		r->config->has_uuid = true;
}

/* type="pv" and the older builder="linux", "generic", "hvm". */
static void set_type(struct reader *r, const struct setting *s)
{
	const char *text = expect_text(r, s);

	if (!text || !strcmp(text, "pv") ||
	    (*s->key == 'b' && (!strcmp(text, "generic") || !strcmp(text, "linux"))))
		return;
	if (!strcmp(text, "hvm") || !strcmp(text, "pvh"))
		report_error_at(r->report, s->at, "guests of the type '%s' are not supported yet",
				text);
	else
		report_error_at(r->report, s->at, "no such %s: '%s'", s->key, text);
}

static void set_memory(struct reader *r, const struct setting *s)
{
	long long mib;

	if (expect_number(r, s, MEMORY_MIN_MIB, MEMORY_MAX_MIB, &mib))
		r->config->memory_kib = (unsigned int)mib * KIB_OF_MIB;
}

static void set_max_memory(struct reader *r, const struct setting *s)
{
	long long mib;

	if (expect_number(r, s, MEMORY_MIN_MIB, MEMORY_MAX_MIB, &mib))
		r->config->max_memory_kib = (unsigned int)mib * KIB_OF_MIB;
}

static void add_cpus(struct reader *r, const struct setting *s, const struct value *v,
		     struct text_list *list)
{
	struct place at = { s->at.file, v->line ? v->line : s->at.line };
	struct cpu_map map;
	const char *wrong;

	if (v->kind != VALUE_STRING && v->kind != VALUE_NUMBER) {
		report_error_at(r->report, at, "%s must be a string or a list of strings", s->key);
		return;
	}
	wrong = cpu_list_parse(v->text, NULL, &map);
	if (wrong)
		report_error_at(r->report, at, "%s: '%s' is %s", s->key, v->text, wrong);
	else
		text_list_add(list, v->text);
}

static void set_cpus(struct reader *r, const struct setting *s)
{
	bool is_soft = !strcmp(s->key, "cpus_soft");
	struct text_list *list = is_soft ? &r->config->cpus_soft : &r->config->cpus;
	const struct value *v = s->value;

	/* xm: cpu=-1 is any. */
	if ((v->kind == VALUE_NUMBER && v->number < 0) || (v->kind != VALUE_LIST && !*v->text))
		return;
	if (v->kind != VALUE_LIST) {
		add_cpus(r, s, v, list);
		return;
	}
	if (is_soft)
		r->config->cpus_soft_each = v->count;
	else
		r->config->cpus_each = v->count;
	for (size_t i = 0; i < v->count; i++)
		add_cpus(r, s, v->items[i], list);
}

static void set_bootloader_args(struct reader *r, const struct setting *s)
{
	const struct value *v = s->value;
	char *copy, *rest = NULL;

	if (v->kind == VALUE_LIST) {
		for (size_t i = 0; i < v->count; i++) {
			if (v->items[i]->kind == VALUE_STRING)
				text_list_add(&r->config->bootloader_args, v->items[i]->text);
			else
				report_error_at(r->report, s->at, "%s must be strings", s->key);
		}
		return;
	}
	copy = alloc_string(v->text);
	for (char *word = strtok_r(copy, " \t", &rest); word; word = strtok_r(NULL, " \t", &rest))
		text_list_add(&r->config->bootloader_args, word);
	free(copy);
}

static void set_firmware(struct reader *r, const struct setting *s)
{
	const char *text = expect_text(r, s);

	if (!text || !*text)
		return;
	if (strcmp(text, "pvgrub64"))
		report_error_at(r->report, s->at,
				"firmware '%s' is not supported yet; PV guests have 'pvgrub64'",
				text);
	else if (!r->config->kernel)
		set_text(&r->config->kernel, PVGRUB64);
}

/* cmdline= stands for itself; root= and extra= make it up otherwise. */
static void set_cmdline(struct reader *r, const struct setting *s)
{
	const struct setting *root = settings_find(r->settings, "root");
	const struct setting *extra = settings_find(r->settings, "extra");
	const struct setting *all = settings_find(r->settings, "cmdline");
	const char *root_text = root ? expect_text(r, root) : "";
	const char *extra_text = extra ? expect_text(r, extra) : "";
	char *line;

	if (all && strcmp(s->key, "cmdline")) {
		report_warning_at(r->report, s->at, "%s has no effect beside cmdline", s->key);
		return;
	}
	if (all) {
		line = alloc_string(expect_text(r, all) ? all->value->text : "");
	} else {
		if (!root_text || !extra_text)
			return;
		line = alloc_format("%s%s%s%s", *root_text ? "root=" : "", root_text,
				    *root_text && *extra_text ? " " : "", extra_text);
	}
	set_text(&r->config->cmdline, line);
	free(line);
}

static void set_tsc_mode(struct reader *r, const struct setting *s)
{
	static const char *const names[] = { "default", "always_emulate", "native" };
	long long n;

	for (unsigned int i = 0; s->value->kind == VALUE_STRING && i < 3; i++) {
		if (!strcmp(s->value->text, names[i])) {
			r->config->tsc_mode = i;
			return;
		}
	}
	if (expect_number(r, s, 0, 2, &n))
		r->config->tsc_mode = (unsigned int)n;
}

static void set_time_offset(struct reader *r, const struct setting *s)
{
	long long n;

	if (expect_number(r, s, INT_MIN, INT_MAX, &n))
		r->config->rtc_timeoffset = (int)n;
}

static void set_passthrough(struct reader *r, const struct setting *s)
{
	const char *text = expect_text(r, s);

	if (text && strcmp(text, "default") && strcmp(text, "disabled"))
		report_error_at(r->report, s->at, "passthrough of devices is not supported yet");
}

static void add_disk(struct reader *r, const struct setting *s, struct place at, const char *text)
{
	struct disk_spec disk;

	if (disk_parse(&disk, text, at, r->report) && !guest_config_add_disk(r->config, &disk))
		report_error_at(r->report, at, "%s: another disk has this virtual device: '%s'",
				s->key, text);
}

static void add_nic(struct reader *r, const struct setting *s, struct place at, const char *text)
{
	struct nic_spec nic;

	if (nic_parse(&nic, text, at, r->report) && !guest_config_add_nic(r->config, &nic))
		report_error_at(r->report, at, "%s: another interface has this devid: '%s'", s->key,
				text);
}

static void set_devices(struct reader *r, const struct setting *s)
{
	const struct value *v = s->value;

	if (v->kind != VALUE_LIST) {
		report_error_at(r->report, s->at, "%s must be a list: %s = [ '...' ]", s->key,
				s->key);
		return;
	}
	for (size_t i = 0; i < v->count; i++) {
		const struct value *item = v->items[i];
		struct place at = { s->at.file, item->line ? item->line : s->at.line };

		if (item->kind != VALUE_STRING)
			report_error_at(r->report, at, "%s must be a list of strings", s->key);
		else if (*s->key == 'd')
			add_disk(r, s, at, item->text);
		else
			add_nic(r, s, at, item->text);
	}
}

/* Whether the value says "none of it": 0, "", []. */
static bool is_nothing(const struct value *v)
{
	if (v->kind == VALUE_LIST)
		return !v->count;
	if (v->kind == VALUE_NUMBER)
		return !v->number;
	return !*v->text || !strcmp(v->text, "0");
}

#define FIELD(field)		offsetof(struct guest_config, field)
#define TEXT(key, field)                                      \
	{                                                     \
		key, KEY_TEXT, FIELD(field), 0, 0, NULL, NULL \
	}
#define NUMBER(key, field, min, max)                                \
	{                                                           \
		key, KEY_NUMBER, FIELD(field), min, max, NULL, NULL \
	}
#define FLAG(key, field)                                      \
	{                                                     \
		key, KEY_FLAG, FIELD(field), 0, 0, NULL, NULL \
	}
#define ACTION(key)                                            \
	{                                                      \
#key, KEY_ACTION, FIELD(key), 0, 0, NULL, NULL \
	}
#define CALL(key, function)                            \
	{                                              \
		key, KEY_CALL, 0, 0, 0, function, NULL \
	}
#define LATER(key, what)                            \
	{                                           \
		key, KEY_LATER, 0, 0, 0, NULL, what \
	}
#define HVM(key)                                                    \
	{                                                           \
		key, KEY_HVM, 0, 0, 0, NULL, "it is for HVM guests" \
	}
#define OTHER(key, why)                            \
	{                                          \
		key, KEY_OTHER, 0, 0, 0, NULL, why \
	}

#define NO_ARM	     "it is for ARM machines"
#define NO_PCI	     "passthrough of PCI devices is not supported yet"
#define NO_USB	     "passthrough of USB devices is not supported yet"
#define NO_GRAPHICS  "graphical consoles are not supported yet"
#define NO_XSM	     "security labels are not supported"
#define NO_DEVICE    "devices of this kind are not supported yet"
#define NO_MODEL     "device models are not supported yet"
#define GUEST_SETS   "the guest's own configuration decides; cmdline= can hand over ip="

static const struct key keys[] = {
	/* clang-format off */
	CALL("name", set_name),
	CALL("type", set_type),
	CALL("builder", set_type),
	CALL("uuid", set_uuid),
	LATER("seclabel", NO_XSM),
	LATER("init_seclabel", NO_XSM),
	LATER("access_control", NO_XSM),

	TEXT("pool", pool),
	NUMBER("vcpus", vcpus, 1, GUEST_VCPUS_MAX),
	NUMBER("maxvcpus", max_vcpus, 1, GUEST_VCPUS_MAX),
	CALL("cpus", set_cpus),
	CALL("cpu", set_cpus),
	CALL("cpus_soft", set_cpus),
	NUMBER("cpu_weight", weight, 1, 65535),
	NUMBER("cap", cap, 0, 100 * GUEST_VCPUS_MAX),
	NUMBER("cpu_cap", cap, 0, 100 * GUEST_VCPUS_MAX),
	CALL("memory", set_memory),
	CALL("maxmem", set_max_memory),
	LATER("vnuma", "virtual NUMA is not supported for PV guests"),

	ACTION(on_poweroff),
	ACTION(on_reboot),
	ACTION(on_watchdog),
	ACTION(on_crash),
	ACTION(on_soft_reset),
	OTHER("on_xend_start", "there is no xend; xendomains starts what is in /etc/xen/auto"),
	OTHER("on_xend_stop", "there is no xend; see xendomains"),

	TEXT("kernel", kernel),
	TEXT("ramdisk", ramdisk),
	CALL("cmdline", set_cmdline),
	CALL("root", set_cmdline),
	CALL("extra", set_cmdline),
	TEXT("bootloader", bootloader),
	CALL("bootloader_args", set_bootloader_args),
	CALL("bootargs", set_bootloader_args),
	CALL("firmware", set_firmware),
	LATER("pvshim", "guests in a PVH container are not supported yet"),
	OTHER("pvshim_path", "it belongs to pvshim"),
	OTHER("pvshim_cmdline", "it belongs to pvshim"),
	OTHER("pvshim_extra", "it belongs to pvshim"),

	NUMBER("max_grant_frames", max_grant_frames, 1, 4096),
	NUMBER("max_maptrack_frames", max_maptrack_frames, 1, 65536),
	NUMBER("max_grant_version", max_grant_version, 1, 2),
	NUMBER("max_event_channels", max_event_channels, 16, 131071),
	CALL("tsc_mode", set_tsc_mode),
	CALL("rtc_timeoffset", set_time_offset),
	FLAG("localtime", localtime),
	FLAG("nomigrate", nomigrate),
	FLAG("driver_domain", driver_domain),
	FLAG("xend_suspend_evtchn_compat", device_tree_writable),
	CALL("passthrough", set_passthrough),
	LATER("vmtrace_buf_kb", "traces of vCPUs are not supported"),
	LATER("e820_host", NO_PCI),
	OTHER("vpmu", NO_ARM), OTHER("tee", NO_ARM), OTHER("device_tree", NO_ARM),
	OTHER("dtdev", NO_ARM), OTHER("gic_version", NO_ARM), OTHER("vuart", NO_ARM),
	OTHER("mca_caps", "it is for HVM guests"),
	OTHER("msr_relaxed", "unknown MSRs are answered in one way alone"),
	LATER("cpuid", "changes to CPUID are not supported yet"),
	OTHER("superpages", "the builder uses large extents by itself"),

	CALL("disk", set_devices),
	CALL("vif", set_devices),
	LATER("vtpm", NO_DEVICE), LATER("p9", NO_DEVICE), LATER("pvcalls", NO_DEVICE),
	LATER("channel", NO_DEVICE), LATER("vdispl", NO_DEVICE), LATER("vsnd", NO_DEVICE),
	LATER("vkb", NO_DEVICE), LATER("vscsi", NO_DEVICE), LATER("virtio", NO_DEVICE),
	LATER("vfb", NO_GRAPHICS), LATER("vnc", NO_GRAPHICS), LATER("sdl", NO_GRAPHICS),
	LATER("opengl", NO_GRAPHICS), LATER("spice", NO_GRAPHICS),
	OTHER("vnclisten", "it belongs to vnc"), OTHER("vncpasswd", "it belongs to vnc"),
	OTHER("vncdisplay", "it belongs to vnc"), OTHER("vncunused", "it belongs to vnc"),
	OTHER("vncconsole", "it belongs to vnc"), OTHER("keymap", "it belongs to vnc"),
	OTHER("nographic", "there is no graphical console"),
	LATER("pci", NO_PCI), LATER("gfx_passthru", NO_PCI), LATER("rdm", NO_PCI),
	OTHER("pci_permissive", "it belongs to pci"), OTHER("pci_msitranslate", "it belongs to pci"),
	OTHER("pci_seize", "it belongs to pci"), OTHER("pci_power_mgmt", "it belongs to pci"),
	OTHER("rdm_mem_boundary", "it belongs to rdm"),
	LATER("ioports", NO_PCI), LATER("iomem", NO_PCI), LATER("irqs", NO_PCI), LATER("irq", NO_PCI),
	LATER("usbctrl", NO_USB), LATER("usbdev", NO_USB),
	LATER("dm_restrict", NO_MODEL), LATER("device_model_user", NO_MODEL),
	LATER("device_model_version", NO_MODEL), LATER("device_model_override", NO_MODEL),
	LATER("device_model_stubdomain_override", NO_MODEL), LATER("device_model_args", NO_MODEL),
	LATER("device_model", NO_MODEL),

	HVM("boot"), HVM("hdtype"), HVM("hap"), HVM("oos"), HVM("shadow_memory"), HVM("pae"),
	HVM("acpi"), HVM("acpi_s3"), HVM("acpi_s4"), HVM("acpi_laptop_slate"), HVM("apic"),
	HVM("nx"), HVM("hpet"), HVM("altp2m"), HVM("altp2mhvm"), HVM("nestedhvm"),
	HVM("acpi_firmware"), HVM("smbios_firmware"), HVM("smbios"), HVM("ms_vm_genid"),
	HVM("vpt_align"), HVM("timer_mode"), HVM("mmio_hole"), HVM("xen_platform_pci"),
	HVM("viridian"), HVM("videoram"), HVM("stdvga"), HVM("vga"), HVM("serial"),
	HVM("soundhw"), HVM("usb"), HVM("usbversion"), HVM("usbdevice"), HVM("vendor_device"),
	HVM("bios"), HVM("bios_path_override"), HVM("vkb_device"), HVM("fda"), HVM("fdb"),
	HVM("isa"), HVM("display"), HVM("xauthority"),

	OTHER("dhcp", GUEST_SETS), OTHER("ip", GUEST_SETS), OTHER("netmask", GUEST_SETS),
	OTHER("gateway", GUEST_SETS), OTHER("hostname", GUEST_SETS),
	OTHER("interface", GUEST_SETS), OTHER("nfs_server", GUEST_SETS),
	OTHER("nfs_root", GUEST_SETS), OTHER("xen_shell", "it is read by xen-shell alone"),
	OTHER("features", "the kernel's own notes decide"),
	OTHER("description", "it is a remark"),
	/* clang-format on */
};

static const struct key *find_key(const char *name)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strcmp(keys[i].name, name))
			return &keys[i];
	return NULL;
}

static void set_action(struct reader *r, const struct setting *s, enum guest_action *where)
{
	const char *text = expect_text(r, s);

	if (!text)
		return;
	for (unsigned int i = 0; i < GUEST_ACTIONS; i++) {
		if (!strcmp(text, guest_action_names[i])) {
			*where = (enum guest_action)i;
			return;
		}
	}
	if (!strcmp(text, "coredump-destroy") || !strcmp(text, "coredump-restart") ||
	    !strcmp(text, "soft-reset"))
		report_error_at(r->report, s->at, "%s: '%s' is not supported yet", s->key, text);
	else
		report_error_at(r->report, s->at, "%s: no such action: '%s'", s->key, text);
}

static void apply(struct reader *r, const struct setting *s, const struct key *key)
{
	char *field = (char *)r->config + key->offset;
	const char *text;
	long long n;
	bool flag;

	switch (key->kind) {
	case KEY_TEXT:
		text = expect_text(r, s);
		if (text)
			set_text((char **)(void *)field, text);
		break;
	case KEY_NUMBER:
		if (expect_number(r, s, key->min, key->max, &n))
			*(unsigned int *)(void *)field = (unsigned int)n;
		break;
	case KEY_FLAG:
		if (expect_flag(r, s, &flag))
			*(bool *)(void *)field = flag;
		break;
	case KEY_ACTION:
		set_action(r, s, (enum guest_action *)(void *)field);
		break;
	case KEY_CALL:
		key->call(r, s);
		break;
	case KEY_LATER:
		if (!is_nothing(s->value))
			report_error_at(r->report, s->at, "%s: %s", s->key, key->reason);
		break;
	case KEY_HVM:
	case KEY_OTHER:
		if (!is_nothing(s->value))
			report_warning_at(r->report, s->at, "%s has no effect: %s", s->key,
					  key->reason);
	}
}

/* What the keys mean together, and what follows from those that were not set. */
static void complete(struct reader *r)
{
	struct guest_config *c = r->config;
	const struct setting *max_vcpus = settings_find(r->settings, "maxvcpus");
	const struct setting *max_memory = settings_find(r->settings, "maxmem");
	const struct setting *name = settings_find(r->settings, "name");

	if (!name)
		report_error_at(r->report, (struct place){ r->settings->names[0], 0 },
				"name is missing");
	if (!max_vcpus)
		c->max_vcpus = c->vcpus;
	else if (c->max_vcpus < c->vcpus)
		report_error_at(r->report, max_vcpus->at, "maxvcpus must not be less than vcpus");
	if (!max_memory)
		c->max_memory_kib = c->memory_kib;
	else if (c->max_memory_kib < c->memory_kib)
		report_error_at(r->report, max_memory->at, "maxmem must not be less than memory");
	if (c->cpus_each && c->cpus.count > c->max_vcpus)
		report_warning_at(r->report, settings_find(r->settings, "cpus")->at,
				  "cpus names more vCPUs than there are");
	if (!c->kernel && !c->bootloader)
		report_error_at(r->report, (struct place){ r->settings->names[0], 0 },
				"kernel or bootloader is missing");
}

void guest_config_read(struct guest_config *c, const struct settings *settings,
		       struct report *report)
{
	struct reader r = { c, settings, report };

	for (const struct setting *s = settings->first; s; s = s->next) {
		const struct key *key = find_key(s->key);

		if (s->value->kind == VALUE_NONE)
			continue;
		if (key)
			apply(&r, s, key);
		else
			report_warning_at(report, s->at, "unknown key: %s", s->key);
	}
	complete(&r);
}
