// SPDX-License-Identifier: Apache-2.0
#include "davy/pipeline/scan.h"

#include <algorithm>
#include <map>
#include <set>

#include "davy/base/text.h"
#include "davy/incident/build.h"
#include "davy/incident/suppression.h"
#include "davy/pipeline/reading.h"
#include "davy/pipeline/worker.h"
#include "davy/report/verdict.h"

namespace davy::pipeline {
namespace {

report::SourceReport source_report(const StreamEnd& end, const SourceTally& tally,
                                   const decode::Catalog& catalog) {
  report::SourceReport report;
  report.path = end.path;
  for (size_t i = 0; i < tally.recognised.size(); ++i) {
    if (!tally.recognised[i]) continue;
    if (!report.format.empty()) report.format += '+';
    report.format += catalog.format(i).name;
  }
  if (report.format.empty()) report.format = tally.records == 0 ? "empty" : "unknown";
  report.records = tally.records;
  report.events = tally.events;
  report.skipped = tally.skipped;
  report.skipped_by_reason.insert(tally.skipped_by_reason.begin(), tally.skipped_by_reason.end());
  report.rejected_count = tally.rejected;
  for (const BatchReject& reject : tally.first_rejects) {
    report.rejected.push_back({reject.offset, std::string(reject.reason)});
  }
  report.rejected_by_reason.insert(tally.rejected_by_reason.begin(),
                                   tally.rejected_by_reason.end());
  report.repaired = tally.repaired;
  report.bytes = end.bytes;
  if (tally.first_time != kEndOfTime) report.first_time = tally.first_time;
  report.last_time = tally.last_time;
  report.error = end.error;
  return report;
}

/// Lists the sources in path order and lets what cites them use the new numbers.
void order_sources(const std::vector<StreamEnd>& ends, const decode::Catalog& catalog,
                   Worker& worker, report::ScanReport& report,
                   std::vector<summary::Countermeasure>& measures) {
  std::map<uint32_t, uint32_t> renumbered;
  for (const StreamEnd& end : ends) {
    renumbered[end.source] = static_cast<uint32_t>(report.sources.size());
    report.sources.push_back(source_report(end, worker.tallies()[end.source], catalog));
  }
  for (detect::Detection& detection : report.detections) {
    for (detect::Evidence& evidence : detection.evidence) {
      evidence.ref.source = renumbered[evidence.ref.source];
    }
  }
  for (summary::Countermeasure& measure : measures)
    measure.ref.source = renumbered[measure.ref.source];
}

void list_unreadable(const std::vector<source::Unreadable>& places, report::ScanReport& report) {
  for (const source::Unreadable& place : places) {
    report::SourceReport source;
    source.path = place.path;
    source.format = "unreadable";
    source.error = place.error.message();
    report.sources.push_back(std::move(source));
  }
}

/// What was left out although a person may think it was judged; reasons are those of the decoders.
struct LeftOut {
  std::string_view reason;
  std::string_view one;
  std::string_view many;
};
constexpr LeftOut kLeftOut[] = {
    {"GuardDuty sample finding", "GuardDuty finding is marked as a sample and was",
     "GuardDuty findings are marked as samples and were"},
    {"CloudTrail Insight", "CloudTrail Insights record was", "CloudTrail Insights records were"},
    {"SSM inventory", "SSM inventory record was", "SSM inventory records were"},
    {"EventBridge event Davy does not read", "EventBridge event of another service was",
     "EventBridge events of other services were"},
};

void note_left_out(report::ScanReport& report) {
  for (const LeftOut& left_out : kLeftOut) {
    uint64_t count = 0;
    for (const report::SourceReport& source : report.sources) {
      const auto found = source.skipped_by_reason.find(std::string(left_out.reason));
      if (found != source.skipped_by_reason.end()) count += found->second;
    }
    if (count == 0) continue;
    report.notes.push_back(with_thousands(count) + " " +
                           std::string(count == 1 ? left_out.one : left_out.many) + " left out");
  }
}

void note_repaired(report::ScanReport& report) {
  uint64_t count = 0;
  for (const report::SourceReport& source : report.sources)
    count += source.repaired;
  if (count == 0) return;
  report.notes.push_back(counted(count, "record", "records") +
                         " held bytes or escapes that are no text; U+FFFD stands in their place");
}

void name_rules(const sigma::RuleSet& rules, report::ScanReport& report) {
  std::set<std::string_view> cited;
  for (const detect::Detection& detection : report.detections)
    cited.insert(detection.detector);
  for (sigma::RuleIndex i = 0; i < rules.size(); ++i) {
    const sigma::RuleInfo& rule = rules.info(i);
    if (cited.contains(rule.id) && !rule.name.empty()) report.rule_names[rule.id] = rule.name;
  }
}

incident::Coverage coverage_of(const std::vector<report::SourceReport>& sources,
                               const summary::EntityLinks& links) {
  incident::Coverage coverage;
  std::set<std::string> formats;
  for (const report::SourceReport& source : sources) {
    for (std::string_view format : split(source.format, '+'))
      formats.emplace(format);
    coverage.rejected_records += source.rejected_count;
    if (!source.error.empty()) coverage.unreadable.push_back(source.path + ": " + source.error);
  }
  coverage.lost = report::lost_by_writers(sources);
  coverage.formats.assign(formats.begin(), formats.end());
  coverage.cloudtrail_regions.assign(links.api_regions().begin(), links.api_regions().end());
  return coverage;
}

void set_aside(const incident::AllowList& allow, const summary::EntityLinks& links,
               report::ScanReport& report) {
  incident::Suppression result =
      incident::suppress(allow, report.detections, links, report.incidents);
  report.suppressed = std::move(result.suppressed);
  report.notes.insert(report.notes.end(), result.notes.begin(), result.notes.end());
}

}  // namespace

report::ScanReport scan(const std::vector<std::string>& places, const Knowledge& knowledge,
                        const ScanOptions& options, source::Progress& progress) {
  report::ScanReport report;
  source::Expanded expanded = source::expand(places, options.limits, progress);
  const std::vector<source::Unreadable> missing = std::move(expanded.unreadable);
  const MatchTables tables(knowledge.rules, decode::PlainJson::kReject);

  std::vector<std::unique_ptr<Worker>> workers;
  std::vector<BatchConsumer*> consumers;
  for (unsigned i = 0; i < std::max(1u, options.threads); ++i) {
    workers.push_back(std::make_unique<Worker>(tables, knowledge.intel));
    consumers.push_back(workers.back().get());
  }
  Reading reading(std::move(expanded), tables.catalog);
  reading.run(consumers);
  Worker& whole = *workers[0];
  for (size_t i = 1; i < workers.size(); ++i)
    whole.merge(*workers[i]);

  whole.links().index();
  const detect::JudgeContext context{knowledge.intel, whole.links(), knowledge.prices,
                                     report.notes};
  report.detections = whole.judge(context);
  std::vector<summary::Countermeasure> measures = whole.countermeasures().list();
  if (!whole.countermeasures().complete()) {
    report.notes.push_back("containment: more calls than are kept; ended machines may be missing");
  }
  order_sources(reading.take_ends(), tables.catalog, whole, report, measures);
  list_unreadable(missing, report);
  list_unreadable(reading.take_failures(), report);
  note_left_out(report);
  note_repaired(report);
  name_rules(knowledge.rules, report);
  report.incidents = incident::build(report.detections, whole.links(), measures, knowledge.prices,
                                     coverage_of(report.sources, whole.links()));
  set_aside(knowledge.allow, whole.links(), report);
  for (const report::SourceReport& source : report.sources) {
    report.stats.bytes += source.bytes;
    report.stats.records += source.records;
    report.stats.events += source.events;
  }
  return report;
}

}  // namespace davy::pipeline
