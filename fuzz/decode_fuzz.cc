// SPDX-License-Identifier: Apache-2.0
#include "fuzz/decode_fuzz.h"

#include <cstdlib>
#include <initializer_list>
#include <span>
#include <string>

#include "davy/base/text.h"
#include "davy/decode/json_cutter.h"
#include "davy/decode/workbench.h"

namespace davy::fuzz {
namespace {

/// Where the bytes that were read go, so that reading them is not optimised away.
volatile unsigned touched = 0;

void touch(std::string_view text) {
  unsigned sum = 0;
  for (const char c : text)
    sum += static_cast<unsigned char>(c);
  touched = touched + sum;
}

void touch(std::initializer_list<std::string_view> texts) {
  for (std::string_view text : texts)
    touch(text);
}

void touch(std::span<const std::string_view> texts) {
  for (std::string_view text : texts)
    touch(text);
}

void touch(const event::Actor& actor) {
  touch({actor.type, actor.arn, actor.issuer_arn, actor.name, actor.access_key, actor.account,
         actor.source_ip, actor.source_service});
}

void touch(const event::ApiCall& call) {
  touch({call.service, call.operation, call.error_code, call.error_message, call.user_agent,
         call.target, call.created_access_key});
  touch(call.instance_ids);
  if (!call.launch) return;
  touch({call.launch->instance_type, call.launch->image, call.launch->key_name,
         call.launch->requester, call.launch->owner});
  touch(call.launch->instance_ids);
  touch(call.launch->private_ips);
  touch(call.launch->interfaces);
}

void touch(const event::Finding& finding) {
  touch({finding.product, finding.type, finding.title, finding.remote_ip, finding.domain,
         finding.process_path, finding.process_sha256});
  touch(finding.indicators);
  touch(finding.instance_ids);
  touch(finding.access_keys);
  for (const event::Named& named : finding.named)
    touch({named.id});
  if (!(finding.severity >= 0 && finding.severity <= 100)) std::abort();
}

void touch_payload(const event::Event& event) {
  if (event.api != nullptr) touch(*event.api);
  if (event.finding != nullptr) touch(*event.finding);
  if (event.flow != nullptr) {
    touch({event.flow->local_ip, event.flow->remote_ip, event.flow->interface, event.flow->vpc,
           event.flow->aws_service});
  }
  if (event.dns != nullptr) {
    touch(
        {event.dns->name, event.dns->type, event.dns->rcode, event.dns->client_ip, event.dns->vpc});
    touch(event.dns->answers);
  }
  if (event.process != nullptr) {
    touch({event.process->path, event.process->name, event.process->command_line,
           event.process->parent_path, event.process->user, event.process->sha256,
           event.process->working_directory});
  }
  if (event.metric != nullptr) {
    touch({event.metric->name_space, event.metric->name, event.metric->statistic,
           event.metric->unit, event.metric->series});
  }
  if (event.host_change != nullptr) {
    touch({event.host_change->subject, event.host_change->source_ip});
  }
}

class TouchingSink final : public decode::Sink {
 public:
  void emit(const event::Event& event, const event::Fields& fields) override {
    if (event.end < event.time) std::abort();
    touch({event.record_id, event.account, event.region, event.instance, event.instance_type,
           event.host, event.cluster, event.task, event.container, event.pod, event.image});
    touch(event.actor);
    touch_payload(event);
    for (event::Slot slot = 0; slot < fields.slots(); ++slot) {
      for (const event::Value& value : fields.values(slot))
        touch(value.text);
    }
    for (std::string_view text : fields.all_values())
      touch(text);
  }
};

void check(const decode::Outcome& outcome) {
  using Verdict = decode::Outcome::Verdict;
  if (outcome.verdict != Verdict::kDecoded && outcome.reason.empty()) std::abort();
  touch(outcome.reason);
}

void decode_json(std::string_view data, decode::Workbench& bench, decode::Sink& sink) {
  const decode::StreamContext stream{
      .path = "logs/i-0123456789abcdef0.json", .account_hint = {}, .region_hint = {}, .layout = {}};
  decode::JsonCutter cutter;
  decode::CutResult cuts;
  cutter.cut(data, true, cuts);
  for (const decode::Cut& cut : cuts.records) {
    check(bench.decode_json({data.substr(cut.begin, cut.length), cut.begin, &stream}, sink));
  }
}

}  // namespace

void decode_any(std::string_view bytes, std::string_view format) {
  decode::Catalog catalog(decode::PlainJson::kReject);
  const size_t index = catalog.find(format);
  if (index == catalog.size()) std::abort();
  catalog.schema(index).want_all_values();
  decode::Workbench bench(catalog);
  TouchingSink sink;

  std::string padded(bytes);
  padded.append(decode::RawRecord::kPadding, '\0');
  const std::string_view data = std::string_view(padded).substr(0, bytes.size());
  const std::string_view begin = trim(data).substr(0, 1);
  if (begin == "{" || begin == "[") {
    decode_json(data, bench, sink);
    return;
  }
  const decode::StreamContext stream{
      .path = "logs/cpu_utilization.csv", .account_hint = {}, .region_hint = {}, .layout = {}};
  check(bench.decode_text(data, {data, 0, &stream}, sink));
}

}  // namespace davy::fuzz
