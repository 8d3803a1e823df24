// SPDX-License-Identifier: Apache-2.0
// Which entities an event is about, in the vocabulary of event/entity.h.
#pragma once

#include <string>
#include <vector>

#include "davy/detect/detection.h"
#include "davy/event/event.h"
#include "davy/summary/sighting.h"

namespace davy::detect {

/// Appends every entity the event names: who acted, on what, from where.
void append_entities(const event::Event& event, std::vector<event::Entity>& out);

/// A hash of the event's subject: detections of one rule about one subject are one detection.
/// Control plane: account and credential; hosts and findings: the workload.
uint64_t subject_hash(const event::Event& event);

/// Adds the event to what is remembered of a thing: time, count, evidence and all its entities.
/// `format` becomes part of the id that evidence cites.
void sight(const event::Event& event, std::string_view format, summary::Sighting& sighting);

/// Indicators a responder would block or hunt for.
void append_indicators(const event::Event& event, std::vector<Indicator>& out);

/// The id that evidence cites: the vendor's, or "<format>:<16 hex of the record hash>".
std::string record_id_of(const event::Event& event, std::string_view format);

/// "<scope>/<ip>" with the VPC as scope where known, else the account.
std::string address_id(std::string_view vpc, std::string_view account, std::string_view ip);

}  // namespace davy::detect
