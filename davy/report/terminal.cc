// SPDX-License-Identifier: Apache-2.0
// For a tired person: the first line is the verdict, each incident is a card whose first lines say
// what happened, how sure Davy is, what it costs and what to do, in that order of need.
#include <algorithm>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/report/escape.h"
#include "davy/report/report.h"
#include "davy/report/utf8.h"
#include "davy/report/wording.h"

namespace davy::report {
namespace {

using incident::Incident;

/// What a piece of text means; the colour follows from it.
enum class Ink { kPlain, kStrong, kFaint, kCritical, kHigh, kMedium, kLow, kMoney, kGood };

std::string_view ansi(Ink ink) {
  constexpr std::string_view kCodes[] = {"",        "1",        "2",    "1;97;41", "1;30;43",
                                         "1;30;46", "1;37;100", "1;31", "32"};
  return kCodes[static_cast<size_t>(ink)];
}

Ink severity_ink(incident::Severity severity) {
  constexpr Ink kInks[] = {Ink::kLow, Ink::kMedium, Ink::kHigh, Ink::kCritical};
  return kInks[static_cast<size_t>(severity)];
}

/// Lines of text within the width. Whatever is written is escaped here, so no caller can forget.
class Sheet {
 public:
  explicit Sheet(const TerminalOptions& options)
      : color_(options.color), width_(static_cast<size_t>(std::clamp(options.width, 40, 400))) {}

  size_t width() const { return width_; }
  std::string take() { return std::move(text_); }
  void blank() { text_ += '\n'; }

  /// `text` (already escaped) in the ink.
  std::string paint(std::string_view text, Ink ink) const {
    if (color_ == Color::kNever || ansi(ink).empty()) return std::string(text);
    return fmt::format("\x1b[{}m{}\x1b[0m", ansi(ink), text);
  }

  void raw_line(std::string_view line) {
    text_ += line;
    text_ += '\n';
  }

  /// Words, wrapped; lines after the first start below the first.
  void paragraph(size_t indent, std::string_view text, Ink ink = Ink::kPlain) {
    lead(std::string(indent, ' '), Ink::kPlain, text, ink);
  }

  /// A lead ("+31.2", "1.", a label) and words that hang beside it.
  void lead(std::string_view lead, Ink lead_ink, std::string_view text, Ink ink = Ink::kPlain) {
    const size_t indent = columns(lead);
    const std::string safe = escape_terminal(text);
    if (indent > width_ / 2) {  // no room beside the lead: run on below it
      for (const std::string& line : wrap(trim(lead), width_))
        raw_line(paint(line, lead_ink));
      for (const std::string& line : wrap(safe, width_ - 8))
        raw_line("        " + paint(line, ink));
      return;
    }
    bool first = true;
    for (const std::string& line : wrap(safe, width_ - indent)) {
      raw_line((first ? paint(lead, lead_ink) : std::string(indent, ' ')) + paint(line, ink));
      first = false;
    }
  }

  void rule() { raw_line(paint(repeat("\u2500", width_), Ink::kFaint)); }

 private:
  static std::string repeat(std::string_view piece, size_t times) {
    std::string text;
    for (size_t i = 0; i < times; ++i)
      text += piece;
    return text;
  }

  Color color_;
  size_t width_;
  std::string text_;
};

constexpr size_t kLabelWidth = 12;  // two blanks, the longest label, a gap

void fact(Sheet& sheet, std::string_view label, std::string_view text, Ink ink = Ink::kPlain) {
  sheet.lead("  " + fit_left(label, kLabelWidth - 2), Ink::kFaint, text, ink);
}

void heading(Sheet& sheet, std::string_view text) {
  sheet.raw_line("  " + sheet.paint(text, Ink::kStrong));
}

void headline(Sheet& sheet, const ScanReport& report) {
  const Verdict v = verdict(report);
  const Ink ink = report.incidents.empty() ? Ink::kGood : Ink::kStrong;
  sheet.raw_line(sheet.paint(v.found, ink) +
                 (v.burn.empty() ? "" : "   " + sheet.paint(v.burn, Ink::kMoney)));
}

void badge_line(Sheet& sheet, const Incident& incident) {
  std::string severity(incident::severity_name(incident.severity));
  std::transform(severity.begin(), severity.end(), severity.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  const std::string badge = fmt::format(" {} {}/100 ", severity, whole_score(incident.score));
  const std::string rest = fit_left(
      escape_terminal(fmt::format("{}  {}  {}", incident.priority, incident.id, incident.number)),
      sheet.width() - columns(badge) - 2);
  const size_t end = rest.find_last_not_of(' ');
  sheet.raw_line(sheet.paint(badge, severity_ink(incident.severity)) + "  " +
                 sheet.paint(rest.substr(0, end + 1), Ink::kFaint));
}

void why(Sheet& sheet, const Incident& incident, const std::vector<std::string>& names) {
  heading(sheet, "Why");
  for (const incident::Contribution& part : main_contributions(incident)) {
    sheet.lead("  " + fit_right(points(part.points), kLabelWidth - 4) + "  ",
               part.points >= 0 ? Ink::kStrong : Ink::kGood, defang(part.text, names));
  }
}

std::string stage_times(const incident::StageSpan& stage, std::string_view date) {
  std::string text = to_date(stage.first) == date ? "" : to_date(stage.first) + " ";
  text += hour_minute(stage.first);
  if (stage.last <= stage.first) return text;
  text += " to ";
  if (to_date(stage.last) != to_date(stage.first)) text += to_date(stage.last) + " ";
  return text + hour_minute(stage.last);
}

void stages(Sheet& sheet, const Incident& incident) {
  if (incident.stages.empty()) return;
  heading(sheet, "Stages");
  const std::string date = to_date(incident.first_activity);
  size_t widest = 0;
  for (const auto& stage : incident.stages) {
    widest = std::max(widest, columns(detect::stage_name(stage.stage)));
  }
  for (const incident::StageSpan& stage : incident.stages) {
    sheet.lead("    " + fit_left(spaced(detect::stage_name(stage.stage)), widest + 2), Ink::kPlain,
               stage_times(stage, date), Ink::kFaint);
  }
}

void numbered(Sheet& sheet, std::string_view title, const std::vector<std::string>& items,
              const std::vector<std::string>& names) {
  if (items.empty()) return;
  heading(sheet, title);
  for (size_t i = 0; i < items.size(); ++i) {
    sheet.lead(fmt::format("  {:>4}. ", i + 1), Ink::kStrong, defang(items[i], names));
  }
}

void bulleted(Sheet& sheet, std::string_view title, const std::vector<std::string>& items,
              const std::vector<std::string>& names) {
  if (items.empty()) return;
  heading(sheet, title);
  for (const std::string& item : items)
    sheet.lead("    - ", Ink::kFaint, defang(item, names));
}

void detections(Sheet& sheet, const Incident& incident, const ScanReport& report,
                const std::vector<std::string>& names) {
  heading(sheet, "Detections");
  for (const detect::Detection* d : detections_of(incident, report)) {
    sheet.lead("    " + to_clock(d->time) + "  ", Ink::kFaint,
               fmt::format("{} ({}, {}, {}) x {}", defang(d->title, names), d->detector,
                           detect::level_name(d->level), detect::claim_name(d->claim),
                           with_thousands(d->count)));
    if (!d->detail.empty()) sheet.paragraph(14, defang(d->detail, names), Ink::kFaint);
    for (const detect::Evidence& evidence : d->evidence) {
      sheet.paragraph(14, fmt::format("{}  {}", place(evidence, report), evidence.record_id),
                      Ink::kFaint);
    }
  }
}

void card(Sheet& sheet, const Incident& incident, const ScanReport& report,
          const TerminalOptions& options) {
  const std::vector<std::string> names = defang_names(incident);
  sheet.rule();
  badge_line(sheet, incident);
  sheet.paragraph(0, defang(incident.title, names), Ink::kStrong);
  if (!incident.summary.empty()) sheet.paragraph(0, defang(incident.summary, names));
  if (incident.suppressed_by)
    fact(sheet, "Suppressed", "by " + *incident.suppressed_by, Ink::kGood);
  sheet.blank();
  for (const Fact& f : facts(incident)) {
    const bool burning = f.label == "Cost" && incident.impact.burn_usd_per_hour > 0;
    fact(sheet, f.label, defang(f.text, names), burning ? Ink::kMoney : Ink::kPlain);
  }
  sheet.blank();
  numbered(sheet, "Do first", incident.do_first, names);
  why(sheet, incident, names);
  stages(sheet, incident);
  bulleted(sheet, "Blind spots", incident.blind_spots, names);
  if (options.verbose) detections(sheet, incident, report, names);
  sheet.blank();
}

// --- What was looked at ------------------------------------------------------------------------

constexpr size_t kFormatColumn = 1;
constexpr size_t kFigures = 2;       // columns from here on are figures, set to the right
constexpr size_t kNarrowWidth = 64;  // below it the format column gives way to the path

using Cells = std::vector<std::string>;

Cells source_cells(const SourceReport& source) {
  return {escape_terminal(source.path), escape_terminal(source.format),
          with_thousands(source.records), with_thousands(source.events),
          with_thousands(source.rejected_count)};
}

/// Widths such that a row fits: figures whole, format at most a third of what is left, path the
/// rest.
std::vector<size_t> column_widths(const Sheet& sheet, const std::vector<Cells>& rows) {
  std::vector<size_t> widths(rows[0].size(), 0);
  for (const Cells& row : rows) {
    for (size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], columns(row[i]));
  }
  size_t free = sheet.width() - 2;
  for (size_t i = kFigures; i < widths.size(); ++i)
    free -= std::min(free, widths[i] + 2);
  size_t& format = widths[kFormatColumn];
  format = sheet.width() < kNarrowWidth ? 0 : std::min(format, free / 3);
  widths[0] = std::min(widths[0], free - (format > 0 ? format + 2 : 0));
  return widths;
}

void source_row(Sheet& sheet, const std::vector<size_t>& widths, const Cells& cells, Ink ink) {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    if (widths[i] == 0) continue;
    line += "  ";
    line += i < kFigures ? fit_left(cells[i], widths[i]) : fit_right(cells[i], widths[i]);
  }
  sheet.raw_line(sheet.paint(line, ink));
}

void sources(Sheet& sheet, const ScanReport& report) {
  sheet.rule();
  sheet.paragraph(0, "Looked at " + looked_at(report), Ink::kStrong);
  if (report.sources.empty()) return;
  std::vector<Cells> rows = {{"source", "format", "records", "events", "rejected"}};
  const SourceListing listing = listed_sources(report);
  for (const SourceReport& source : listing.rows)
    rows.push_back(source_cells(source));
  const std::vector<size_t> widths = column_widths(sheet, rows);
  source_row(sheet, widths, rows[0], Ink::kFaint);
  for (size_t i = 0; i < listing.rows.size(); ++i) {
    const SourceReport& source = listing.rows[i];
    source_row(sheet, widths, rows[i + 1], Ink::kPlain);
    if (!source.error.empty()) sheet.lead("    not read to its end: ", Ink::kMoney, source.error);
    if (source.rejected_count == 0) continue;
    sheet.lead("    rejected: ", Ink::kFaint, first_few(reject_reasons(source), 3));
    for (size_t k = 0; k < std::min<size_t>(source.rejected.size(), 3); ++k) {
      const Rejected& rejected = source.rejected[k];
      sheet.lead("      at byte " + with_thousands(rejected.offset) + ": ", Ink::kFaint,
                 rejected.reason);
    }
  }
  if (listing.more_troubled > 0) {
    sheet.paragraph(2, counted(listing.more_troubled, "more source", "more sources") +
                           " had trouble; --output json lists every source");
  }
}

/// Low incidents wake nobody: a line each.
void also_seen(Sheet& sheet, const std::vector<const Incident*>& low) {
  if (low.empty()) return;
  sheet.rule();
  sheet.raw_line(sheet.paint("Also seen, low (-v shows them in full)", Ink::kStrong));
  for (const Incident* incident : low) {
    sheet.lead(
        fmt::format("  {:>3}/100  ", whole_score(incident->score)), Ink::kFaint,
        fmt::format("{} ({})", defang(incident->title, defang_names(*incident)), incident->id));
  }
  sheet.blank();
}

}  // namespace

std::string to_terminal(const ScanReport& report, const TerminalOptions& options) {
  Sheet sheet(options);
  headline(sheet, report);
  if (report.incidents.empty()) {
    sheet.paragraph(0, "in what was read; this says nothing about what was not.");
  }
  sheet.blank();
  std::vector<const Incident*> low;
  for (const Incident& incident : report.incidents) {
    if (incident.severity == incident::Severity::kLow && !options.verbose) {
      low.push_back(&incident);
    } else {
      card(sheet, incident, report, options);
    }
  }
  also_seen(sheet, low);
  if (!report.suppressed.empty()) {
    sheet.rule();
    sheet.raw_line(sheet.paint("Suppressed by the allow-list", Ink::kStrong));
    for (const Incident& incident : report.suppressed) {
      sheet.lead(
          "  - ", Ink::kFaint,
          fmt::format("{} {}/100 {} ({}), by {}", incident::severity_name(incident.severity),
                      whole_score(incident.score), defang(incident.title, defang_names(incident)),
                      incident.id, incident.suppressed_by.value_or("an unnamed entry")));
    }
    sheet.blank();
  }
  sources(sheet, report);
  sheet.blank();
  bulleted(sheet, report.incidents.empty() ? "Blind spots" : "Blind spots of this scan",
           unseen(report), {});
  bulleted(sheet, "Notes", report.notes, {});
  return sheet.take();
}

}  // namespace davy::report
