// SPDX-License-Identifier: Apache-2.0
// The report as a document for a ticket or a wiki. GitHub's Markdown; nothing in it links anywhere.
#include <algorithm>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/report/escape.h"
#include "davy/report/report.h"
#include "davy/report/verdict.h"
#include "davy/report/wording.h"

namespace davy::report {
namespace {

using incident::Incident;
using Row = std::vector<std::string>;  // escaped cells

/// Writes Markdown; text passes through prose() or code(), which escape and defang.
class Document {
 public:
  void names(std::vector<std::string> names) { names_ = std::move(names); }
  std::string prose(std::string_view text) const { return escape_markdown(defang(text, names_)); }
  std::string code(std::string_view text) const { return markdown_code(defang(text, names_)); }

  void heading(int depth, std::string_view escaped) {
    text_ += fmt::format("\n{} {}\n\n", std::string(static_cast<size_t>(depth), '#'), escaped);
  }
  void line(std::string_view escaped) { text_ += fmt::format("{}\n", escaped); }

  void bullets(const std::vector<std::string>& items) {
    for (const std::string& item : items)
      line("- " + prose(item));
  }
  void steps(const std::vector<std::string>& items) {
    for (size_t i = 0; i < items.size(); ++i)
      line(fmt::format("{}. {}", i + 1, prose(items[i])));
  }

  /// `alignment` has one character a column: 'l' or 'r'.
  void table(const Row& titles, std::string_view alignment, const std::vector<Row>& rows) {
    row(titles);
    text_ += '|';
    for (const char side : alignment)
      text_ += side == 'r' ? " ---: |" : " --- |";
    text_ += '\n';
    for (const Row& cells : rows)
      row(cells);
  }

  std::string take() { return std::move(text_); }

 private:
  void row(const Row& cells) {
    text_ += '|';
    for (const std::string& cell : cells)
      text_ += fmt::format(" {} |", cell);
    text_ += '\n';
  }

  std::vector<std::string> names_;
  std::string text_;
};

void section_facts(Document& doc, const Incident& incident, const ScanReport&) {
  std::vector<Row> rows;
  for (const Fact& fact : facts(incident))
    rows.push_back({std::string(fact.label), doc.prose(fact.text)});
  rows.push_back({"Kind", std::string(incident::kind_title(incident))});
  if (!incident.techniques.empty())
    rows.push_back({"ATT&amp;CK", doc.prose(join(incident.techniques, ", "))});
  if (incident.suppressed_by) rows.push_back({"Suppressed by", doc.prose(*incident.suppressed_by)});
  doc.table({"", ""}, "ll", rows);
}

void section_do_first(Document& doc, const Incident& incident, const ScanReport&) {
  if (incident.do_first.empty()) return;
  doc.heading(3, "Do first");
  doc.steps(incident.do_first);
}

void section_why(Document& doc, const Incident& incident, const ScanReport&) {
  doc.heading(3, fmt::format("Why {}/100", whole_score(incident.score)));
  std::vector<Row> rows;
  for (const incident::Contribution& part : main_contributions(incident)) {
    rows.push_back(
        {points(part.points), doc.prose(part.text), std::to_string(part.detections.size())});
  }
  doc.table({"Points", "Because", "Detections"}, "rlr", rows);
}

void section_stages(Document& doc, const Incident& incident, const ScanReport&) {
  if (incident.stages.empty()) return;
  doc.heading(3, "Stages");
  std::vector<Row> rows;
  for (const incident::StageSpan& stage : incident.stages) {
    rows.push_back(
        {spaced(detect::stage_name(stage.stage)), moment(stage.first), moment(stage.last)});
  }
  doc.table({"Stage", "First seen", "Last seen"}, "lll", rows);
}

void section_timeline(Document& doc, const Incident& incident, const ScanReport& report) {
  if (incident.timeline.empty()) return;
  doc.heading(3, "Timeline (UTC)");
  std::vector<Row> rows;
  std::string date;
  for (const incident::TimelineEntry& entry : incident.timeline) {
    std::string time = entry.time.known() ? to_clock(entry.time) : "not known";
    if (entry.time.known() && to_date(entry.time) != date)
      time = (date = to_date(entry.time)) + " " + time;
    const std::string where =
        entry.evidence.empty() ? "" : doc.code(place(entry.evidence[0], report));
    rows.push_back({time, doc.prose(entry.text), spaced(detect::stage_name(entry.stage)), where});
  }
  doc.table({"Time", "What", "Stage", "Evidence"}, "llll", rows);
}

void section_scope(Document& doc, const Incident& incident, const ScanReport&) {
  doc.heading(3, "Scope");
  const auto row = [&](std::string_view what, const std::vector<std::string>& items) -> Row {
    return {std::string(what), with_thousands(items.size()), doc.prose(first_few(items, 8))};
  };
  doc.table({"What", "Count", "Which"}, "lrl",
            {row("Accounts", incident.scope.accounts), row("Regions", incident.scope.regions),
             row("Resources", incident.scope.resources)});
}

void section_impact(Document& doc, const Incident& incident, const ScanReport&) {
  const incident::Impact& impact = incident.impact;
  doc.heading(3, "Impact");
  std::vector<Row> rows;
  for (Figure& figure : figures(incident))
    rows.push_back({std::string(figure.label), std::move(figure.value)});
  doc.table({"Figure", "Value"}, "lr", rows);
  if (impact.basis.empty()) return;
  doc.line("\nHow the figures were computed:\n");
  doc.bullets(impact.basis);
}

void section_indicators(Document& doc, const Incident& incident, const ScanReport&) {
  if (incident.indicators.empty()) return;
  doc.heading(3, "Indicators (defanged)");
  std::vector<Row> rows;
  for (const detect::Indicator& indicator : incident.indicators) {
    rows.push_back({std::string(detect::indicator_role_name(indicator.role)),
                    std::string(detect::indicator_type_name(indicator.type)),
                    markdown_code(defang(indicator))});
  }
  doc.table({"What it is", "Type", "Value"}, "lll", rows);
}

void section_evidence(Document& doc, const Incident& incident, const ScanReport& report) {
  std::vector<Row> rows;
  for (const DetectionLine& line : detection_lines(incident, report)) {
    const detect::Detection* const d = &line.told;
    std::string places;
    for (const detect::Evidence& e : d->evidence) {
      if (!places.empty()) places += ", ";
      places += doc.code(place(e, report) + (e.record_id.empty() ? "" : " " + e.record_id));
    }
    if (const uint64_t more = uncited(*d); more > 0)
      places += fmt::format(" and {} more", with_thousands(more));
    rows.push_back({d->time.known() ? to_rfc3339(d->time) : "not known", doc.prose(line.title()),
                    doc.prose(d->detail), std::string(detect::level_name(d->level)),
                    with_thousands(d->count), places});
  }
  if (rows.empty()) return;
  doc.heading(3, "Detections and evidence");
  doc.table({"Time", "Detection", "Detail", "Level", "Records", "Evidence"}, "llllrl", rows);
}

void section_blind_spots(Document& doc, const Incident& incident, const ScanReport&) {
  if (incident.blind_spots.empty()) return;
  doc.heading(3, "Blind spots");
  doc.bullets(incident.blind_spots);
}

constexpr void (*kSections[])(Document&, const Incident&, const ScanReport&) = {
    section_facts,  section_do_first, section_why,        section_stages,   section_timeline,
    section_impact, section_scope,    section_indicators, section_evidence, section_blind_spots,
};

void write_incident(Document& doc, const Incident& incident, const ScanReport& report) {
  doc.names(defang_names(incident));
  doc.heading(2, doc.prose(incident.title));
  doc.line(fmt::format("**{} {}/100**, {}, {}, `{}`\n", incident::severity_name(incident.severity),
                       whole_score(incident.score), doc.prose(incident.priority),
                       doc.prose(incident.number), doc.prose(incident.id)));
  if (!incident.summary.empty()) doc.line(doc.prose(incident.summary) + "\n");
  for (const auto section : kSections)
    section(doc, incident, report);
}

void table_of_sources(Document& doc, const std::vector<SourceReport>& sources) {
  std::vector<Row> rows;
  for (const SourceReport& s : sources) {
    std::vector<std::string> remarks;
    const auto add = [&](std::string_view what, const std::string& says) {
      if (!says.empty()) remarks.push_back(fmt::format("{}: {}", what, says));
    };
    add("skipped", first_few(most_frequent(s.skipped_by_reason), 3));
    add("rejected", first_few(most_frequent(s.rejected_by_reason), 3));
    if (!s.rejected.empty())
      remarks.push_back(fmt::format("first at byte {}", with_thousands(s.rejected[0].offset)));
    add("not read to its end", s.error);
    rows.push_back({doc.code(s.path), doc.prose(s.format), with_thousands(s.records),
                    with_thousands(s.events), with_thousands(s.skipped),
                    with_thousands(s.rejected_count), doc.prose(join(remarks, "; "))});
  }
  if (rows.empty()) return;
  doc.table({"Source", "Format", "Records", "Events", "Skipped", "Rejected", "Remarks"}, "llrrrrl",
            rows);
}

void write_sources(Document& doc, const ScanReport& report) {
  doc.names({});
  doc.heading(2, "What was looked at");
  doc.line(doc.prose(looked_at(report)) + "\n");
  const SourceListing listing = listed_sources(report);
  table_of_sources(doc, listing.rows);
  if (!listing.troubled.empty()) {
    doc.heading(3, "Of these, not read whole or with rejected records");
    table_of_sources(doc, listing.troubled);
  }
  if (const auto gaps = unseen(report); !gaps.empty() && !nothing_read(report)) {
    doc.heading(2, "Blind spots of this scan");
    doc.bullets(gaps);
  }
  if (!report.notes.empty()) {
    doc.heading(2, "Notes");
    doc.bullets(report.notes);
  }
}

}  // namespace

std::string to_markdown(const ScanReport& report) {
  Document doc;
  const Verdict v = verdict(report);
  doc.line("# Davy scan\n");
  doc.line(fmt::format("**{}**{}", v.found, v.burn.empty() ? "" : ", " + v.burn));
  if (!v.caveat.empty()) doc.line("\n" + v.caveat);
  for (const Incident* incident : in_order(report))
    write_incident(doc, *incident, report);
  if (!report.suppressed.empty()) {
    doc.heading(1, "Suppressed by the allow-list");
    for (const Incident& incident : report.suppressed)
      write_incident(doc, incident, report);
  }
  write_sources(doc, report);
  return doc.take();
}

}  // namespace davy::report
