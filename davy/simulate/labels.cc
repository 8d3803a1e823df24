// SPDX-License-Identifier: Apache-2.0
#include "davy/simulate/labels.h"

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/simulate/json_text.h"

namespace davy::simulate {
namespace {

std::string planted_json(const Planted& truth) {
  return Object()
      .text("name", truth.name)
      .text("title", truth.title)
      .text("kind", truth.kind)
      .raw("accounts", text_list(truth.accounts))
      .raw("regions", text_list(truth.regions))
      .raw("principals", text_list(truth.principals))
      .raw("access_keys", text_list(truth.access_keys))
      .raw("source_ips", text_list(truth.source_ips))
      .raw("instances", text_list(truth.instances))
      .raw("pools", text_list(truth.pools))
      .raw("first_malicious_record",
           truth.first_record_id.empty() ? "null" : quoted(truth.first_record_id))
      .text("first_malicious_time", to_rfc3339(truth.first_malicious))
      .text("first_mining_time", to_rfc3339(truth.first_mining))
      .text("last_activity_time", to_rfc3339(truth.last_activity))
      .raw("expected_score",
           Object().number("min", truth.lowest_score).number("max", truth.highest_score).done())
      .done();
}

std::string look_alike_json(const LookAlike& one) {
  return Object()
      .text("name", one.name)
      .text("account", one.account)
      .text("why_benign", one.why_benign)
      .done();
}

}  // namespace

std::string labels_json(const World& world, const Options& options) {
  std::vector<std::string> incidents, look_alikes, accounts;
  for (const Planted& truth : world.planted)
    incidents.push_back(planted_json(truth));
  for (const LookAlike& one : world.look_alikes)
    look_alikes.push_back(look_alike_json(one));
  for (const std::string_view account : kAccounts)
    accounts.emplace_back(account);
  return Object()
             .text("schema", "davy.labels/1")
             .text("scenario", options.scenario)
             .raw("seed", fmt::format("{}", options.seed))
             .text("start", to_rfc3339(world.start))
             .text("end", to_rfc3339(world.end()))
             .raw("accounts", text_list(accounts))
             .raw("incidents", "[\n" + join(incidents, ",\n") + "\n]")
             .raw("look_alikes", "[\n" + join(look_alikes, ",\n") + "\n]")
             .done() +
         '\n';
}

}  // namespace davy::simulate
