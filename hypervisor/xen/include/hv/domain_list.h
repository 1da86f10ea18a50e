/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of common/domain/. */
#ifndef HV_DOMAIN_LIST_H
#define HV_DOMAIN_LIST_H

struct domain;

/* A free id, others than the last ones first; 0: none. */
unsigned int domain_id_choose(void);

/* From now on it is found by its id, which is below DOMID_FIRST_RESERVED. -EEXIST, -ENOMEM. */
int domain_list_add(struct domain *d) __attribute__((warn_unused_result));

#endif
