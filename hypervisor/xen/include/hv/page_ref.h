/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * References to frames (the words of hv/frame.h). A general reference keeps
 * a frame from being freed; a type reference also keeps it what it is.
 */
#ifndef HV_PAGE_REF_H
#define HV_PAGE_REF_H

#include <hv/frame.h>
#include <hv/types.h>

struct domain;

/* One general reference, if @owner owns the frame and has not given it back; false otherwise, or when the count is full. */
bool page_get(struct page_info *pg, const struct domain *owner) __must_check;

/* Give one back; the last one frees the frame. */
void page_put(struct page_info *pg);

/*
 * One reference as @type (and a general one in the same step), validating the contents first if the frame is not
 * yet of that type. 0; -EINVAL: not @owner's, other type in use, contents refused; -ERESTART: preempted, call again.
 */
int page_get_type(struct page_info *pg, const struct domain *owner,
		  enum frame_type type) __must_check;

/* Give back a type reference with its general one. May take long for page tables: see page_put_type_preemptible(). */
void page_put_type(struct page_info *pg);

/* The same, but -ERESTART when it should go on later: the reference is still held then. */
int page_put_type_preemptible(struct page_info *pg) __must_check;

/*
 * Of a frame of @owner, which is dying: the pin, and a validation that was preempted and that nobody will go on
 * with, are given back. -ERESTART: not yet.
 */
int page_relinquish(struct page_info *pg, struct domain *owner) __must_check;

#endif
