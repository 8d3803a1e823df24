// SPDX-License-Identifier: Apache-2.0
// Which entities an event is about, in the vocabulary of event/entity.h.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>

#include "davy/detect/detection.h"
#include "davy/event/event.h"
#include "davy/summary/sighting.h"

namespace davy::detect {

/// Is told one entity; the text dies with the event.
using EntityVisitor = std::function<void(event::EntityType, std::string_view id)>;

/// Tells every entity the event names: who acted, on what, from where.
void visit_entities(const event::Event& event, const EntityVisitor& visit);

/// Likewise every indicator that a responder would block or hunt for.
using IndicatorVisitor = std::function<void(IndicatorType, std::string_view value)>;
void visit_indicators(const event::Event& event, const IndicatorVisitor& visit);

/// A hash of the event's subject: detections of one rule about one subject are one detection.
/// Control plane: account and credential; hosts and findings: the workload.
uint64_t subject_hash(const event::Event& event);

/// Adds the event to what is remembered of a thing: time, count, evidence and all its entities.
/// `format` becomes part of the id that evidence cites.
void sight(const event::Event& event, std::string_view format, summary::Sighting& sighting);

/// Adds the event's indicators.
void sight_indicators(const event::Event& event, summary::Sighting& sighting);

/// The id that evidence cites: the vendor's, or "<format>:<16 hex of the record hash>". A view into
/// the event or into itself.
class RecordId {
 public:
  RecordId(const event::Event& event, std::string_view format);
  RecordId(const RecordId&) = delete;
  RecordId& operator=(const RecordId&) = delete;

  operator std::string_view() const { return text_; }  // NOLINT(google-explicit-constructor)

 private:
  static constexpr size_t kLongestFormat = 24;
  std::array<char, kLongestFormat + 1 + 16> made_;
  std::string_view text_;
};
std::string record_id_of(const event::Event& event, std::string_view format);

/// "1.2.3.4:3333", "[2001:db8::1]:3333", or the address alone where the port is 0.
std::string endpoint_text(std::string_view ip, uint16_t port);

/// "<scope>/<ip>" with the VPC as scope where known, else the account.
std::string address_id(std::string_view vpc, std::string_view account, std::string_view ip);

}  // namespace davy::detect
