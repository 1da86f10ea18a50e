/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Grants against a model of their accounting. Three domains grant, map, copy,
 * transfer and spoil their tables as a string of bytes says; after each
 * operation all counts of frames, domains and marks are what the model has.
 */
#ifndef FAKE_GRANT_MODEL_H
#define FAKE_GRANT_MODEL_H

#include <stddef.h>
#include <stdint.h>

/* Aborts when machine and model differ. */
void grant_model_run(const uint8_t *data, size_t size);

#endif
