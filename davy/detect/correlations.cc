// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/correlations.h"

#include <set>
#include <span>
#include <string_view>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/detect/entities_of.h"
#include "davy/detect/rule_matches.h"

namespace davy::detect {
namespace {

/// Writes texts so that different lists of them never read alike.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) { out_.clear(); }

  Writer& operator<<(std::string_view text) {
    *this << uint64_t{text.size()};
    out_ += text;
    return *this;
  }
  Writer& operator<<(uint64_t number) {
    out_.append(reinterpret_cast<const char*>(&number), sizeof number);
    return *this;
  }
  Writer& operator<<(std::span<const std::string_view> texts) {
    *this << uint64_t{texts.size()};
    for (const std::string_view text : texts)
      *this << text;
    return *this;
  }

 private:
  std::string& out_;
};

// Below, everything that append_entities() and append_indicators() read of an event.

void write(const event::ApiCall& call, Writer& out) {
  out << call.service << call.target << call.created_access_key << call.instance_ids;
  if (call.launch) out << call.launch->image << call.launch->key_name;
}

void write(const event::Finding& finding, Writer& out) {
  out << finding.domain << finding.remote_ip << uint64_t{finding.remote_port}
      << finding.process_path << finding.process_sha256 << finding.instance_ids
      << finding.access_keys;
}

void write(const event::Event& event, Writer& out) {
  out << event.account << event.region << event.instance << event.host << event.cluster
      << event.task << event.container << event.pod << event.image;
  const event::Actor& actor = event.actor;
  out << actor.type << actor.arn << actor.issuer_arn << actor.access_key << actor.source_ip;
  if (event.api != nullptr) write(*event.api, out << "api");
  if (event.finding != nullptr) write(*event.finding, out << "finding");
  if (const event::DnsQuery* dns = event.dns; dns != nullptr) {
    out << "dns" << dns->name << dns->client_ip << dns->vpc;
  }
  if (const event::Flow* flow = event.flow; flow != nullptr) {
    out << "flow" << flow->interface << flow->vpc << flow->local_ip << flow->remote_ip
        << uint64_t{flow->remote_port};
  }
  if (const event::Process* process = event.process; process != nullptr) {
    out << "process" << process->user << process->path << process->sha256;
  }
  if (const event::HostChange* change = event.host_change; change != nullptr) {
    out << "host" << uint64_t{static_cast<uint8_t>(change->what)} << change->subject
        << change->source_ip;
  }
}

}  // namespace

sigma::Attachment NamedRecords::of(const event::Event& event) {
  if (slots_.empty()) slots_.resize(kSlots);
  Writer writer(text_);
  write(event, writer);
  const Hash128 key = hash128(text_);
  Slot& slot = slots_[key.low % kSlots];
  if (slot.named == nullptr || slot.key != key) {
    auto named = std::make_shared<Named>();
    append_entities(event, named->entities);
    append_indicators(event, named->indicators);
    slot = {key, std::move(named)};
  }
  return slot.named;
}

namespace {

/// What the match's records name together; true when some of it had to be left out.
bool tell_names(const sigma::CorrelationMatch& match, Detection& detection) {
  summary::Sighting together;
  for (const sigma::Attachment& attachment : match.attachments) {
    const auto& named = *static_cast<const Named*>(attachment.get());
    for (const event::Entity& entity : named.entities)
      together.entities.add(entity);
    for (const Indicator& indicator : named.indicators)
      together.indicators.add(indicator);
  }
  detection.entities = together.entities.items();
  detection.indicators = together.indicators.items();
  return together.cut();
}

}  // namespace

void judge_correlations(const std::vector<sigma::CorrelationMatch>& matches,
                        const sigma::RuleSet& rules, std::vector<std::string>& notes,
                        std::vector<Detection>& out) {
  std::set<sigma::RuleIndex> cut;
  for (const sigma::CorrelationMatch& match : matches) {
    if (!rules.reports_alone(match.rule)) continue;
    Detection detection = from_rule(rules.info(match.rule));
    detection.time = match.first;
    detection.end_time = match.last;
    detection.known_at = match.met;
    detection.count = match.events;
    detection.measures["value"] = match.value;
    if (tell_names(match, detection)) cut.insert(match.rule);
    for (const auto& member : match.members)
      keep_earliest(detection.evidence, {member.ref, member.record_id, member.time});
    finish(detection);
    out.push_back(std::move(detection));
  }
  for (const sigma::RuleIndex rule : cut) {
    notes.push_back(
        fmt::format("correlation '{}': of one match more than {} entities of a kind; the rest are "
                    "not listed",
                    printable(rules.info(rule).title), kMaxPerKind));
  }
}

}  // namespace davy::detect
