// SPDX-License-Identifier: Apache-2.0
#include "davy/report/wording.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/incident/naming.h"
#include "davy/report/utf8.h"

namespace davy::report {
namespace {

using incident::Incident;

// One long name in a list does not push the others out; a Monero address (106 bytes) is still
// whole.
constexpr size_t kItemBytes = 120;

std::string when(const Incident& incident) {
  std::string text = span(incident.first_activity, incident.last_activity);
  if (incident.detectable_at.known()) {
    const bool same_day = to_date(incident.detectable_at) == to_date(incident.first_activity);
    text += ", detectable from " +
            (same_day ? hour_minute(incident.detectable_at) : moment(incident.detectable_at));
  }
  return text;
}

std::string part(const std::vector<std::string>& items, std::string_view one,
                 std::string_view many) {
  std::string text = counted(items.size(), one, many);
  if (!items.empty()) text += " (" + first_few(items, 3) + ")";
  return text;
}

/// Regions launched in, and apart those where the credential was only used.
std::string regions_of(const Incident& incident) {
  const std::vector<std::string>& launched = incident.launches.regions;
  std::vector<std::string> others;
  std::set_difference(incident.scope.regions.begin(), incident.scope.regions.end(),
                      launched.begin(), launched.end(), std::back_inserter(others));
  if (incident.launches.launched + incident.launches.accepted == 0 || others.empty()) {
    return part(incident.scope.regions, "region", "regions");
  }
  return "launched in " + first_few(launched, 3) + " and also seen in " + first_few(others, 3);
}

/// What the logs name of it: many name a machine alone.
std::string where(const Incident& incident) {
  const incident::Scope& scope = incident.scope;
  std::vector<std::string> parts;
  if (!scope.accounts.empty()) parts.push_back(part(scope.accounts, "account", "accounts"));
  if (!scope.regions.empty()) parts.push_back(regions_of(incident));
  if (!scope.resources.empty()) parts.push_back(part(scope.resources, "resource", "resources"));
  return parts.empty() ? "the logs name no account, region or machine" : join(parts, ", ");
}

std::string entry(const incident::InitialAccess& access) {
  const bool known = access.vector != "unknown" && !access.vector.empty();
  std::string text = known ? access.vector : "not established";
  if (!access.credential.empty()) text += ", credential " + access.credential;
  if (!access.principal.empty()) text += " of " + access.principal;
  const bool named = access.vector.ends_with(" from " + access.source_ip);
  if (!access.source_ip.empty() && !named) text += ", from " + access.source_ip;
  if (access.time.known()) text += ", " + moment(access.time);
  if (known) text += fmt::format(" ({:.0f} % sure)", access.confidence * 100);
  if (!access.would_settle.empty()) text += "; would settle it: " + access.would_settle;
  return text;
}

}  // namespace

std::string usd_or_unknown(const std::optional<double>& amount) {
  return amount ? usd(*amount) : "?";
}

std::string points(double value) {
  const std::string text = fmt::format("{:+.1f}", value);
  return text == "-0.0" ? "+0.0" : text;
}

std::string spaced(std::string_view name) {
  std::string text(name);
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

std::string first_few(const std::vector<std::string>& items, size_t most) {
  const size_t shown =
      items.size() <= most + 1 ? items.size() : most;  // "and 1 more" saves nothing
  std::string text;
  for (size_t i = 0; i < shown; ++i) {
    if (i > 0) text += ", ";
    text += start_of(items[i], kItemBytes);
    if (items[i].size() > kItemBytes) text += "\u2026";
  }
  if (shown < items.size())
    text += fmt::format(" and {} more", with_thousands(items.size() - shown));
  return text;
}

std::string hour_minute(Time t) {
  return t.known() ? to_clock(t).substr(0, 5) : "--:--";
}

std::string moment(Time t) {
  return t.known() ? fmt::format("{} {} UTC", to_date(t), to_clock(t)) : "not known";
}

std::string span(Time first, Time last) {
  if (!first.known()) return moment(last);
  if (!last.known() || last <= first) return moment(first);
  const bool same_day = to_date(first) == to_date(last);
  if (same_day && hour_minute(first) == hour_minute(last)) {
    return fmt::format("{} {} UTC ({})", to_date(first), hour_minute(first),
                       to_human(last - first));
  }
  return fmt::format("{} {} to {}{} UTC ({})", to_date(first), hour_minute(first),
                     same_day ? "" : to_date(last) + " ", hour_minute(last), to_human(first, last));
}

std::string_view claim_meaning(detect::Claim claim) {
  constexpr std::string_view kMeanings[] = {
      "seen in attacks and in ordinary work alike",
      "somebody tried; mining itself was not seen",
      "it behaves like mining; no pool, miner or wallet was identified",
      "a known pool, a miner, a wallet or a vendor's finding was seen",
  };
  return kMeanings[static_cast<size_t>(claim)];
}

std::string certainty(const Incident& incident) {
  return fmt::format(
      "{}: {}", detect::claim_name(incident.claim),
      incident.proof.empty() ? claim_meaning(incident.claim) : std::string_view(incident.proof));
}

std::string contained(const Incident& incident) {
  std::vector<std::string> steps;
  for (const incident::ContainmentStep& step : incident.containment) {
    steps.push_back(fmt::format("{} {} by {}", hour_minute(step.last), step.text,
                                incident::actor_name(step.actor)));
  }
  std::string text = join(steps, "; ");
  if (!incident.still_open.empty()) text += "; open: " + join(incident.still_open, ", ");
  return text;
}

std::string cost_sentence(const incident::Impact& impact) {
  const bool has_launched = impact.resources_launched + impact.resources_accepted > 0;
  std::string text = has_launched ? "not established: no price is known for what was launched"
                                  : "not established: no launch is in the logs";
  if (impact.cost_so_far_usd) {
    text = usd(*impact.cost_so_far_usd) + " so far";
    if (impact.resources_accepted > 0) text += " if what was accepted runs";
    if (impact.cost_if_running_usd) {
      text += fmt::format(", up to {} if still running", usd(*impact.cost_if_running_usd));
    }
    if (impact.burn_usd_per_hour == 0) text += "; what was launched has ended";
    if (impact.burn_usd_per_hour > 0) text += fmt::format(", {}/h", usd(*impact.burn_usd_per_hour));
    if (impact.projected_month_usd) {
      text += fmt::format(", {} by the end of the month if nothing is done",
                          usd(*impact.projected_month_usd));
    }
  } else if (impact.abused_hours > 0 && !has_launched) {
    text = "no bill of its own";
  }
  if (impact.abused_hours > 0) {
    text += fmt::format("; {:.1f} h of machine time abused", impact.abused_hours);
    if (impact.abused_usd_per_hour)
      text += fmt::format(", worth {}/h", usd(*impact.abused_usd_per_hour));
  }
  if (impact.miner_take_usd_per_day) {
    text += fmt::format("; the miner earns about {}/day", usd(*impact.miner_take_usd_per_day));
  }
  return text;
}

std::vector<Figure> figures(const Incident& incident) {
  const incident::Impact& impact = incident.impact;
  std::vector<Figure> list;
  const auto money = [&](std::string_view label, const std::optional<double>& amount,
                         std::string_view unit = "") {
    if (amount) list.push_back({label, usd(*amount) + std::string(unit)});
  };
  const auto hours = [&](std::string_view label, double amount) {
    if (amount > 0) list.push_back({label, fmt::format("{:.1f} h", amount)});
  };
  const auto duration = [&](std::string_view label, const std::optional<DurationNs>& length) {
    if (length) list.push_back({label, to_human(*length)});
  };
  money("per hour", impact.burn_usd_per_hour, "/h");
  if (impact.burn_usd_per_hour > 0) list.back().burning = true;
  money("so far", impact.cost_so_far_usd);
  money("so far, if still running", impact.cost_if_running_usd);
  money("by the end of the month", impact.projected_month_usd);
  money("earned by the miner (estimate)", impact.miner_take_usd_per_day, "/day");
  std::string launched = with_thousands(impact.resources_launched);
  if (impact.resources_requested > 0)
    launched += " of " + with_thousands(impact.resources_requested);
  if (impact.resources_accepted > 0) {
    list.push_back(
        {"accepted as services, groups or fleets", with_thousands(impact.resources_accepted)});
  }
  list.push_back({impact.resources_requested > 0 ? "launched, of those asked for" : "launched",
                  std::move(launched)});
  hours("running time", impact.resource_hours);
  hours("machine time abused", impact.abused_hours);
  money("worth of that, per hour", impact.abused_usd_per_hour, "/h");
  if (incident.first_activity.known()) {
    list.push_back(
        {"first to last activity", to_human(incident.first_activity, incident.last_activity)});
  }
  duration("first activity to earliest detectable", impact.time_to_detectable);
  duration("first activity to first finding", impact.time_to_detect);
  if (impact.egress_unexplained_bytes > 0) {
    list.push_back({"egress not explained", human_bytes(impact.egress_unexplained_bytes)});
  }
  return list;
}

std::string allowed_part(const Incident& incident) {
  constexpr size_t kShown = 3;
  std::vector<std::string> parts;
  for (const incident::Allowance& allowance : incident.allowed) {
    const std::string what = allowance.texts.empty()
                                 ? counted(allowance.detections.size(), "detection", "detections")
                                 : first_few(allowance.texts, kShown);
    parts.push_back(fmt::format("{} by {}", what, allowance.by));
  }
  return fmt::format("in part: {}; it stays, whole, for what no entry covers: {}",
                     join(parts, "; "), first_few(incident.kept_by, kShown));
}

std::vector<Fact> facts(const Incident& incident) {
  std::vector<Fact> facts = {
      {"How sure", certainty(incident)},
      {"When", when(incident)},
      {"Where", where(incident)},
      {"Cost", cost_sentence(incident.impact)},
      {"Way in", entry(incident.initial_access)},
  };
  if (incident.impact.egress_unexplained_bytes > 0) {
    facts.push_back({"Egress", human_bytes(incident.impact.egress_unexplained_bytes) +
                                   " more than mining explains; look for exfiltration"});
  }
  if (!incident.containment.empty()) facts.push_back({"Contained", contained(incident)});
  if (!incident.allowed.empty()) facts.push_back({"Allowed", allowed_part(incident)});
  return facts;
}

std::string_view source_path(const event::RecordRef& ref, const ScanReport& report) {
  return ref.source < report.sources.size() ? std::string_view(report.sources[ref.source].path)
                                            : std::string_view("unknown source");
}

std::string place(const detect::Evidence& evidence, const ScanReport& report) {
  return fmt::format("{} @ {}", source_path(evidence.ref, report), evidence.ref.offset);
}

const std::string& detector_name(const detect::Detection& detection, const ScanReport& report) {
  const auto named = report.rule_names.find(detection.detector);
  return named == report.rule_names.end() ? detection.detector : named->second;
}

uint64_t uncited(const detect::Detection& detection) {
  return detection.count - std::min<uint64_t>(detection.count, detection.evidence.size());
}

std::vector<const detect::Detection*> detections_of(const Incident& incident,
                                                    const ScanReport& report) {
  std::unordered_map<std::string_view, const detect::Detection*> by_id;
  for (const detect::Detection& detection : report.detections)
    by_id.emplace(detection.id, &detection);
  std::vector<const detect::Detection*> found;
  for (const std::string& id : incident.detections) {
    if (const auto it = by_id.find(id); it != by_id.end()) found.push_back(it->second);
  }
  return found;
}

std::string DetectionLine::title() const {
  if (more == 0) return told.title;
  return fmt::format("{} ({} more like it, to {})", told.title, with_thousands(more),
                     moment(told.end_time));
}

std::vector<DetectionLine> detection_lines(const Incident& incident, const ScanReport& report) {
  std::map<std::tuple<std::string_view, std::string_view, std::string_view, detect::Level,
                      detect::Claim>,
           size_t>
      line_of;
  std::vector<DetectionLine> lines;
  std::set<std::string_view> seen;
  for (const detect::Detection* d : detections_of(incident, report)) {
    if (!seen.insert(d->id).second) continue;
    const auto [place, added] =
        line_of.try_emplace({d->detector, d->title, d->detail, d->level, d->claim}, lines.size());
    if (added) {
      lines.push_back({*d, 0});
      continue;
    }
    DetectionLine& line = lines[place->second];
    ++line.more;
    line.told.count += d->count;
    line.told.end_time = std::max(line.told.end_time, d->end_time);
    for (const detect::Evidence& evidence : d->evidence)
      detect::keep_earliest(line.told.evidence, evidence);
  }
  return lines;
}

std::vector<std::string> most_frequent(const std::map<std::string, uint64_t>& by_reason) {
  std::vector<std::pair<std::string, uint64_t>> reasons(by_reason.begin(), by_reason.end());
  std::sort(reasons.begin(), reasons.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  std::vector<std::string> texts;
  for (const auto& [reason, count] : reasons) {
    texts.push_back(fmt::format("{} ({})", reason, with_thousands(count)));
  }
  return texts;
}

std::vector<incident::Contribution> main_contributions(const incident::Incident& incident) {
  constexpr double kWorthALine = 0.5;
  std::vector<incident::Contribution> shown;
  incident::Contribution rest;
  size_t folded = 0;
  for (const incident::Contribution& part : incident.why) {
    if (part.points >= kWorthALine || part.points < 0) {
      shown.push_back(part);
    } else {
      rest.points += part.points;
      rest.detections.insert(rest.detections.end(), part.detections.begin(), part.detections.end());
      ++folded;
    }
  }
  if (folded > 0) {
    rest.text = counted(folded, "smaller observation", "smaller observations");
    shown.push_back(std::move(rest));
  }
  return shown;
}

SourceListing listed_sources(const ScanReport& report) {
  constexpr size_t kEach = 12;
  constexpr size_t kTroubled = 10;
  SourceListing listing;
  if (report.sources.size() <= kEach) {
    listing.rows = report.sources;
    return listing;
  }
  std::map<std::string, std::pair<uint64_t, SourceReport>> by_format;  // files, their sum
  for (const SourceReport& source : report.sources) {
    auto& [files, sum] = by_format[source.format];
    ++files;
    sum.records += source.records;
    sum.events += source.events;
    sum.skipped += source.skipped;
    sum.rejected_count += source.rejected_count;
    for (const auto& [reason, count] : source.skipped_by_reason)
      sum.skipped_by_reason[reason] += count;
    sum.bytes += source.bytes;
  }
  for (auto& [format, entry] : by_format) {
    entry.second.format = format;
    entry.second.path = counted(entry.first, "source", "sources");
    listing.rows.push_back(std::move(entry.second));
  }
  for (const SourceReport& source : report.sources) {
    if (source.error.empty() && source.rejected_count == 0) continue;
    if (listing.troubled.size() < kTroubled) {
      listing.troubled.push_back(source);
    } else {
      ++listing.more_troubled;
    }
  }
  return listing;
}

}  // namespace davy::report
