// SPDX-License-Identifier: Apache-2.0
#include "davy/report/json.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "davy/report/escape.h"
#include "davy/report/wording.h"

namespace davy::report {
namespace {

using Json = nlohmann::ordered_json;

// Decimals that are worth keeping; beyond them two machines may differ in the last bit.
constexpr int kMoneyDecimals = 2;
constexpr int kPointDecimals = 3;
constexpr int kMeasureDecimals = 6;

Json number(double value, int decimals) {
  if (!std::isfinite(value)) return nullptr;
  const double scale = std::pow(10.0, decimals);
  const double rounded = std::round(value * scale) / scale;
  if (!std::isfinite(rounded)) return value;  // too large to have decimals
  return rounded == 0 ? 0.0 : rounded;        // no "-0.0"
}

Json text(std::string_view s) {
  return valid_utf8(s);
}
Json number(const std::optional<double>& value, int decimals) {
  return value ? number(*value, decimals) : Json(nullptr);
}

Json time(Time t) {
  return t.known() ? Json(to_rfc3339(t)) : Json(nullptr);
}
Json seconds(const std::optional<DurationNs>& d) {
  return d ? number(static_cast<double>(*d) / kSecond, 3) : Json(nullptr);
}

template <typename Items, typename Each>
Json array(const Items& items, Each each) {
  Json list = Json::array();
  for (const auto& item : items)
    list.push_back(each(item));
  return list;
}

Json texts(const std::vector<std::string>& items) {
  return array(items, text);
}

Json numbers(const std::map<std::string, double>& values, int decimals) {
  Json object = Json::object();
  for (const auto& [name, value] : values)
    object[valid_utf8(name)] = number(value, decimals);
  return object;
}

Json entities(const std::vector<event::Entity>& items) {
  return array(items, [](const event::Entity& entity) -> Json {
    return {{"type", event::entity_type_name(entity.type)}, {"id", text(entity.id)}};
  });
}

/// Of an incident: with the part each plays.
Json indicators_with_role(const std::vector<detect::Indicator>& items) {
  return array(items, [](const detect::Indicator& indicator) -> Json {
    return {{"type", detect::indicator_type_name(indicator.type)},
            {"value", text(indicator.value)},
            {"role", detect::indicator_role_name(indicator.role)}};
  });
}

Json indicators(const std::vector<detect::Indicator>& items) {
  return array(items, [](const detect::Indicator& indicator) -> Json {
    return {{"type", detect::indicator_type_name(indicator.type)},
            {"value", text(indicator.value)}};
  });
}

Json evidence(const std::vector<detect::Evidence>& items, const ScanReport& report) {
  return array(items, [&](const detect::Evidence& e) -> Json {
    return {{"source", text(source_path(e.ref, report))},
            {"offset", e.ref.offset},
            {"record_id", text(e.record_id)},
            {"time", time(e.time)}};
  });
}

Json source_object(const SourceReport& source) {
  const auto by_reason = [](const std::map<std::string, uint64_t>& reasons) {
    Json counts = Json::object();
    for (const auto& [reason, count] : reasons)
      counts[valid_utf8(reason)] = count;
    return counts;
  };
  return {
      {"path", text(source.path)},
      {"format", text(source.format)},
      {"records", source.records},
      {"events", source.events},
      {"rejected", array(source.rejected,
                         [](const Rejected& r) -> Json {
                           return {{"offset", r.offset}, {"reason", text(r.reason)}};
                         })},
      {"bytes", source.bytes},
      {"first_time", time(source.first_time)},
      {"last_time", time(source.last_time)},
      {"skipped", source.skipped},
      {"skipped_by_reason", by_reason(source.skipped_by_reason)},
      {"rejected_count", source.rejected_count},
      {"rejected_more", source.rejected.size() < source.rejected_count},
      {"rejected_by_reason", by_reason(source.rejected_by_reason)},
      {"repaired", source.repaired},
      {"error", source.error.empty() ? Json(nullptr) : text(source.error)},
  };
}

Json vendor_object(const detect::VendorFinding& finding) {
  return {{"product", text(finding.product)},
          {"type", text(finding.type)},
          {"severity", number(finding.severity, kPointDecimals)},
          {"archived", finding.archived}};
}

Json detection_object(const detect::Detection& detection, const ScanReport& report) {
  return {
      {"id", text(detection.id)},
      {"detector", text(detection.detector)},
      {"title", text(detection.title)},
      {"level", detect::level_name(detection.level)},
      {"confidence", number(detection.confidence, kPointDecimals)},
      {"time", time(detection.time)},
      {"end_time", time(detection.end_time)},
      {"signal", detect::signal_name(detection.signal)},
      {"stage", detect::stage_name(detection.stage)},
      {"techniques", texts(detection.techniques)},
      {"entities", entities(detection.entities)},
      {"evidence", evidence(detection.evidence, report)},
      {"count", detection.count},
      {"claim", detect::claim_name(detection.claim)},
      {"detail", text(detection.detail)},
      {"weight", number(detection.weight, kPointDecimals)},
      {"indicators", indicators(detection.indicators)},
      {"measures", numbers(detection.measures, kMeasureDecimals)},
      {"vendor_findings", array(detection.vendor, vendor_object)},
  };
}

Json why_object(const incident::Contribution& why) {
  return {{"points", number(why.points, kPointDecimals)},
          {"text", text(why.text)},
          {"detections", texts(why.detections)}};
}

Json stage_object(const incident::StageSpan& stage) {
  return {{"stage", detect::stage_name(stage.stage)},
          {"first", time(stage.first)},
          {"last", time(stage.last)},
          {"detections", texts(stage.detections)}};
}

Json access_object(const incident::InitialAccess& access, const ScanReport& report) {
  return {{"vector", text(access.vector)},
          {"credential", text(access.credential)},
          {"principal", text(access.principal)},
          {"source_ip", text(access.source_ip)},
          {"time", time(access.time)},
          {"confidence", number(access.confidence, kPointDecimals)},
          {"evidence", evidence(access.evidence, report)},
          {"would_settle", text(access.would_settle)}};
}

Json machine_object(const impact::Machine& machine) {
  return {{"id", text(machine.id)},
          {"type", text(machine.type)},
          {"region", text(machine.region)},
          {"state", impact::run_state_name(machine.state)},
          {"launched", time(machine.launched)},
          {"last_seen", time(machine.last_seen)},
          {"ended", time(machine.ended)},
          {"launched_for_it", machine.launched_for_it}};
}

Json standing_object(const impact::Standing& standing) {
  constexpr std::string_view kKinds[] = {
      "service",  "task",       "scaling_group", "spot_fleet",     "fleet",      "spot_request",
      "notebook", "node_group", "training_job",  "processing_job", "emr_cluster"};
  static_assert(std::size(kKinds) == static_cast<size_t>(event::StandingKind::kEmrCluster) + 1);
  return {{"kind", kKinds[static_cast<size_t>(standing.kind)]},
          {"id", text(standing.id)},
          {"account", text(standing.account)},
          {"region", text(standing.region)},
          {"unit", text(standing.unit)},
          {"recipe", text(standing.recipe)},
          {"image", text(standing.image)},
          {"units", standing.units},
          {"units_at_end", standing.units_at_end},
          {"may_grow_to", standing.most},
          {"accepted", time(standing.accepted)},
          {"ended", time(standing.ended)},
          {"unit_hours", number(standing.unit_hours, kPointDecimals)},
          {"usd_per_unit_hour",
           number(standing.usd_per_unit_hour > 0 ? std::optional(standing.usd_per_unit_hour)
                                                 : std::nullopt,
                  kPointDecimals)},
          {"instances_seen", standing.instances_seen}};
}

Json impact_object(const incident::Impact& impact) {
  return {
      {"cost_so_far_usd", number(impact.cost_so_far_usd, kMoneyDecimals)},
      {"cost_if_running_usd", number(impact.cost_if_running_usd, kMoneyDecimals)},
      {"burn_usd_per_hour", number(impact.burn_usd_per_hour, kMoneyDecimals)},
      {"projected_month_usd", number(impact.projected_month_usd, kMoneyDecimals)},
      {"miner_take_usd_per_day", number(impact.miner_take_usd_per_day, kMoneyDecimals)},
      {"resources_launched", impact.resources_launched},
      {"resources_requested", impact.resources_requested},
      {"resource_hours", number(impact.resource_hours, kPointDecimals)},
      {"abused_hours", number(impact.abused_hours, kPointDecimals)},
      {"abused_usd_per_hour", number(impact.abused_usd_per_hour, kMoneyDecimals)},
      {"dwell_s", seconds(impact.dwell)},
      {"time_to_detect_s", seconds(impact.time_to_detect)},
      {"time_to_detectable_s", seconds(impact.time_to_detectable)},
      {"egress_unexplained_bytes", impact.egress_unexplained_bytes},
      {"basis", texts(impact.basis)},
      {"resources_accepted", impact.resources_accepted},
      {"resources_refused", impact.resources_refused},
      {"launched_types", text(impact.launched_types)},
      {"cost_terms", text(impact.cost_terms)},
  };
}

Json allowance_object(const incident::Allowance& allowance) {
  return {{"by", text(allowance.by)},
          {"texts", texts(allowance.texts)},
          {"detections", texts(allowance.detections)}};
}

Json incident_object(const incident::Incident& incident, const ScanReport& report) {
  const auto timeline_object = [&](const incident::TimelineEntry& entry) -> Json {
    return {{"time", time(entry.time)},
            {"text", text(entry.text)},
            {"stage", detect::stage_name(entry.stage)},
            {"evidence", evidence(entry.evidence, report)}};
  };
  const auto step_object = [&](const incident::ContainmentStep& step) -> Json {
    return {{"first", time(step.first)},
            {"last", time(step.last)},
            {"text", text(step.text)},
            {"actor", text(step.actor)},
            {"objects", texts(step.objects)},
            {"undone", texts(step.undone)},
            {"evidence", evidence(step.evidence, report)}};
  };
  return {
      {"id", text(incident.id)},
      {"kind", incident::kind_name(incident.kind)},
      {"title", text(incident.title)},
      {"score", number(incident.score, kPointDecimals)},
      {"severity", incident::severity_name(incident.severity)},
      {"priority", text(incident.priority)},
      {"first_activity", time(incident.first_activity)},
      {"last_activity", time(incident.last_activity)},
      {"detected_at", time(incident.detected_at)},
      {"entities", entities(incident.entities)},
      {"signals", numbers(incident.signals, kPointDecimals)},
      {"why", array(incident.why, why_object)},
      {"stages", array(incident.stages, stage_object)},
      {"timeline", array(incident.timeline, timeline_object)},
      {"techniques", texts(incident.techniques)},
      {"indicators", indicators_with_role(incident.indicators)},
      {"initial_access", access_object(incident.initial_access, report)},
      {"scope",
       {{"accounts", texts(incident.scope.accounts)},
        {"regions", texts(incident.scope.regions)},
        {"resources", texts(incident.scope.resources)}}},
      {"impact", impact_object(incident.impact)},
      {"suppressed_by", incident.suppressed_by ? text(*incident.suppressed_by) : Json(nullptr)},
      {"number", text(incident.number)},
      {"claim", detect::claim_name(incident.claim)},
      {"summary", text(incident.summary)},
      {"proof", text(incident.proof)},
      {"containment", array(incident.containment, step_object)},
      {"contained_at", time(incident.contained_at)},
      {"still_open", texts(incident.still_open)},
      {"do_first", texts(incident.do_first)},
      {"remediation", texts(incident.remediation)},
      {"blind_spots", texts(incident.blind_spots)},
      {"detections", texts(incident.detections)},
      {"detectable_at", time(incident.detectable_at)},
      {"machines", array(incident.machines, machine_object)},
      {"launches",
       {{"first", time(incident.launches.first)},
        {"last", time(incident.launches.last)},
        {"launched", incident.launches.launched},
        {"requested", incident.launches.requested},
        {"regions", texts(incident.launches.regions)},
        {"accepted", incident.launches.accepted},
        {"refused", incident.launches.refused},
        {"credential", text(incident.launches.credential)},
        {"principal", text(incident.launches.principal)},
        {"source_ip", text(incident.launches.source_ip)},
        {"principals", texts(incident.launches.principals)}}},
      {"standing", array(incident.standing, standing_object)},
      {"allowed", array(incident.allowed, allowance_object)},
      {"kept_by", texts(incident.kept_by)},
  };
}

Json tagged(std::string_view type, const Json& object) {
  Json line = {{"type", type}};
  line.update(object);
  return line;
}

}  // namespace

std::string json_line(const incident::Incident& incident, const ScanReport& report) {
  return tagged("incident", incident_object(incident, report)).dump();
}

std::string json_line(const detect::Detection& detection, const ScanReport& report) {
  return tagged("detection", detection_object(detection, report)).dump();
}

std::string to_json(const ScanReport& report) {
  const auto incident = [&](const incident::Incident& i) { return incident_object(i, report); };
  const auto detection = [&](const detect::Detection& d) { return detection_object(d, report); };
  const Json document = {
      {"schema", "davy.scan/1"},
      {"sources", array(report.sources, source_object)},
      {"detections", array(report.detections, detection)},
      {"incidents", array(report.incidents, incident)},
      {"suppressed", array(report.suppressed, incident)},
      {"notes", texts(report.notes)},
      {"stats",
       {{"wall_s", number(report.stats.wall_s, 3)},
        {"bytes", report.stats.bytes},
        {"records", report.stats.records},
        {"events", report.stats.events},
        {"events_per_s", number(report.stats.events_per_s, 1)},
        {"peak_rss_bytes", report.stats.peak_rss_bytes}}},
  };
  return document.dump(2) + '\n';
}

}  // namespace davy::report
