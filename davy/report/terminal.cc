// SPDX-License-Identifier: Apache-2.0
// For a tired person: the first line is the verdict, each incident is a card whose first lines say
// what happened, how sure Davy is, what it costs and what to do, in that order of need.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/report/escape.h"
#include "davy/report/report.h"
#include "davy/report/utf8.h"
#include "davy/report/verdict.h"
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

  /// One faint line however long, because it is copied from here: the terminal may wrap it.
  void whole(size_t indent, std::string_view text) {
    raw_line(std::string(indent, ' ') + paint(escape_terminal(text), Ink::kFaint));
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

constexpr size_t kNarrowWidth = 64;  // columns, below which tables drop or stack what they can
constexpr size_t kLabelWidth = 12;   // two blanks, the longest label, a gap

void fact(Sheet& sheet, std::string_view label, std::string_view text, Ink ink = Ink::kPlain) {
  sheet.lead("  " + fit_left(label, kLabelWidth - 2), Ink::kFaint, text, ink);
}

void heading(Sheet& sheet, std::string_view text) {
  sheet.raw_line("  " + sheet.paint(text, Ink::kStrong));
}

void headline(Sheet& sheet, const ScanReport& report) {
  const Verdict v = verdict(report);
  const Ink ink = nothing_read(report)       ? Ink::kMoney
                  : report.incidents.empty() ? Ink::kGood
                                             : Ink::kStrong;
  if (!v.burn.empty() && columns(v.found) + 3 + columns(v.burn) <= sheet.width()) {
    sheet.raw_line(sheet.paint(v.found, ink) + "   " + sheet.paint(v.burn, Ink::kMoney));
  } else {
    sheet.paragraph(0, v.found, ink);
    if (!v.burn.empty()) sheet.paragraph(0, v.burn, Ink::kMoney);
  }
  if (!v.caveat.empty()) sheet.paragraph(0, v.caveat);
  sheet.blank();
}

std::string upper(std::string_view text) {
  std::string upper(text);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return upper;
}

/// An identifier is copied from here: it is never cut, the line is broken before it.
void badge_line(Sheet& sheet, const Incident& incident) {
  const std::string badge = fmt::format(" {} {}/100 ", upper(severity_name(incident.severity)),
                                        whole_score(incident.score));
  const std::string rest =
      escape_terminal(fmt::format("{}  {}  {}", incident.priority, incident.id, incident.number));
  const std::string painted = sheet.paint(badge, severity_ink(incident.severity));
  if (columns(badge) + 2 + columns(rest) <= sheet.width()) {
    sheet.raw_line(painted + "  " + sheet.paint(rest, Ink::kFaint));
  } else {
    sheet.raw_line(painted);
    sheet.paragraph(2, rest, Ink::kFaint);
  }
}

struct OverviewRow {
  std::string severity, score, state, burn, so_far, title;
};

OverviewRow overview_row(const Incident& incident) {
  const std::string_view state = run_state(incident);
  return {upper(severity_name(incident.severity)),
          std::to_string(whole_score(incident.score)),
          std::string(state),
          usd_or_unknown(incident.impact.burn_usd_per_hour),
          usd_or_unknown(incident.impact.cost_so_far_usd),
          defang(incident.title, defang_names(incident))};
}

/// A line an incident, what burns money first; two lines where the terminal is narrow.
void overview(Sheet& sheet, const std::vector<const Incident*>& incidents) {
  std::vector<OverviewRow> rows = {{"severity", "score", "state", "$/h now", "so far", "incident"}};
  for (const Incident* incident : incidents)
    rows.push_back(overview_row(*incident));
  const auto widest = [&](std::string OverviewRow::* cell) {
    size_t width = 0;
    for (const OverviewRow& row : rows)
      width = std::max(width, columns(row.*cell));
    return width;
  };
  const size_t severity = widest(&OverviewRow::severity);
  const size_t state = widest(&OverviewRow::state);
  const size_t burn = widest(&OverviewRow::burn);
  const size_t so_far = widest(&OverviewRow::so_far);
  const auto ink_of = [](const OverviewRow& row) {
    return row.state == "RUNNING" ? Ink::kMoney : row.state == "state" ? Ink::kFaint : Ink::kPlain;
  };
  constexpr size_t kScore = 5;
  const bool narrow = sheet.width() < kNarrowWidth ||
                      severity + kScore + state + burn + so_far + 12 > sheet.width() / 2;
  for (const OverviewRow& row : rows) {
    if (!narrow) {
      sheet.lead("  " + fit_left(row.severity, severity) + "  " + fit_right(row.score, kScore) +
                     "  " + fit_left(row.state, state) + "  " + fit_right(row.burn, burn) + "  " +
                     fit_right(row.so_far, so_far) + "  ",
                 ink_of(row), row.title);
    } else if (&row != &rows[0]) {
      sheet.paragraph(2,
                      fmt::format("{} {}, {}, {}/h now, {} so far", row.severity, row.score,
                                  row.state, row.burn, row.so_far),
                      ink_of(row));
      sheet.paragraph(4, row.title);
    }
  }
  sheet.blank();
}

void why(Sheet& sheet, const Incident& incident, const std::vector<std::string>& names) {
  heading(sheet, "Why");
  for (const incident::Contribution& part : main_contributions(incident)) {
    sheet.lead("  " + fit_right(points(part.points), kLabelWidth - 4) + "  ",
               part.points >= 0 ? Ink::kStrong : Ink::kGood, defang(part.text, names));
  }
}

std::string stage_times(const incident::StageSpan& stage, std::string_view date) {
  if (!stage.first.known()) return "at an unknown time";
  std::string text = to_date(stage.first) == date ? "" : to_date(stage.first) + " ";
  text += hour_minute(stage.first);
  if (bucket_start(stage.last, kMinute) <= bucket_start(stage.first, kMinute)) return text;
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
  for (const DetectionLine& line : detection_lines(incident, report)) {
    const detect::Detection* const d = &line.told;
    sheet.lead("    " + to_clock(d->time) + "  ", Ink::kFaint,
               fmt::format("{} ({}, {}, {}) x {}", defang(line.title(), names),
                           detector_name(*d, report), detect::level_name(d->level),
                           detect::claim_name(d->claim), with_thousands(d->count)));
    if (!d->detail.empty()) sheet.paragraph(14, defang(d->detail, names), Ink::kFaint);
    for (const detect::Evidence& evidence : d->evidence) {
      sheet.whole(14, place(evidence, report) +
                          (evidence.record_id.empty() ? "" : "  " + evidence.record_id));
    }
    if (const uint64_t more = uncited(*d); more > 0)
      sheet.paragraph(14, fmt::format("and {} more", with_thousands(more)), Ink::kFaint);
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

void trouble_of(Sheet& sheet, const SourceReport& source) {
  constexpr size_t kReasons = 3;
  constexpr size_t kPlaces = 3;
  if (!source.error.empty()) sheet.lead("    not read to its end: ", Ink::kMoney, source.error);
  if (!source.skipped_by_reason.empty()) {
    sheet.lead("    skipped: ", Ink::kFaint,
               first_few(most_frequent(source.skipped_by_reason), kReasons), Ink::kFaint);
  }
  if (source.rejected.empty()) return;  // a sum: its places stand below
  sheet.lead("    rejected: ", Ink::kFaint,
             first_few(most_frequent(source.rejected_by_reason), kReasons));
  for (size_t k = 0; k < std::min(source.rejected.size(), kPlaces); ++k) {
    const Rejected& rejected = source.rejected[k];
    sheet.lead("      at byte " + with_thousands(rejected.offset) + ": ", Ink::kFaint,
               rejected.reason);
  }
}

/// One row a source; where the terminal is too narrow for columns, a sentence.
class SourceTable {
 public:
  SourceTable(Sheet& sheet, const SourceListing& listing)
      : sheet_(sheet), narrow_(sheet.width() < kNarrowWidth) {
    if (narrow_) return;
    for (const auto* listed : {&listing.rows, &listing.troubled}) {
      for (const SourceReport& source : *listed)
        widen(cells_of(source));
    }
    widen(kTitles);
    fit();
    write(kTitles, Ink::kFaint);
  }

  void row(const SourceReport& source) const {
    if (narrow_) {
      sheet_.paragraph(2, fmt::format("{} ({})", source.path, source.format));
      sheet_.paragraph(
          4, fmt::format("{}, {}, {} skipped, {} rejected",
                         counted(source.records, "record", "records"),
                         counted(source.events, "event", "events"), with_thousands(source.skipped),
                         with_thousands(source.rejected_count)));
    } else {
      write(cells_of(source), Ink::kPlain);
    }
    trouble_of(sheet_, source);
  }

 private:
  static constexpr size_t kPath = 0;
  static constexpr size_t kFormat = 1;
  static constexpr size_t kFigures = 2;  // columns from here on are figures, set to the right
  using Cells = std::array<std::string, 6>;
  inline static const Cells kTitles = {"source", "format",  "records",
                                       "events", "skipped", "rejected"};

  static Cells cells_of(const SourceReport& source) {
    return {escape_terminal(source.path),   escape_terminal(source.format),
            with_thousands(source.records), with_thousands(source.events),
            with_thousands(source.skipped), with_thousands(source.rejected_count)};
  }

  void widen(const Cells& cells) {
    for (size_t i = 0; i < cells.size(); ++i)
      widths_[i] = std::max(widths_[i], columns(cells[i]));
  }

  /// Figures stay whole, the format gets at most a third of what is left, the path the rest.
  void fit() {
    size_t free = sheet_.width() - 2;
    for (size_t i = kFigures; i < widths_.size(); ++i)
      free -= std::min(free, widths_[i] + 2);
    widths_[kFormat] = std::min(widths_[kFormat], free / 3);
    widths_[kPath] = std::min(widths_[kPath], free - widths_[kFormat] - 2);
  }

  /// A path too long for its column stands whole on a line of its own.
  void write(const Cells& cells, Ink ink) const {
    const bool alone = columns(cells[kPath]) > widths_[kPath];
    if (alone) sheet_.paragraph(2, cells[kPath], ink);
    std::string line;
    for (size_t i = 0; i < cells.size(); ++i) {
      line += "  ";
      line += i == kPath && alone ? std::string(widths_[i], ' ')
              : i < kFigures      ? fit_left(cells[i], widths_[i])
                                  : fit_right(cells[i], widths_[i]);
    }
    sheet_.raw_line(sheet_.paint(line, ink));
  }

  Sheet& sheet_;
  bool narrow_;
  std::array<size_t, 6> widths_{};
};

void sources(Sheet& sheet, const ScanReport& report) {
  sheet.rule();
  sheet.paragraph(0, "Looked at " + looked_at(report), Ink::kStrong);
  if (report.sources.empty()) return;
  const SourceListing listing = listed_sources(report);
  const SourceTable table(sheet, listing);
  for (const SourceReport& source : listing.rows)
    table.row(source);
  if (!listing.troubled.empty()) {
    sheet.paragraph(2, "of these, not read whole or with rejected records:", Ink::kFaint);
  }
  for (const SourceReport& source : listing.troubled)
    table.row(source);
  if (listing.more_troubled > 0) {
    sheet.paragraph(2, counted(listing.more_troubled, "more source", "more sources") +
                           " had trouble; --output json lists every source");
  }
}

/// Observations wake nobody: a line each.
void also_seen(Sheet& sheet, const std::vector<const Incident*>& observations) {
  if (observations.empty()) return;
  sheet.rule();
  sheet.paragraph(0, "Also seen, to rule out (-v shows them in full)", Ink::kStrong);
  for (const Incident* incident : observations) {
    sheet.lead(
        fmt::format("  {:>3}/100  ", whole_score(incident->score)), Ink::kFaint,
        fmt::format("{} ({})", defang(incident->title, defang_names(*incident)), incident->id));
  }
  sheet.blank();
}

void suppressed(Sheet& sheet, const ScanReport& report) {
  if (report.suppressed.empty()) return;
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

void incidents(Sheet& sheet, const ScanReport& report, const TerminalOptions& options) {
  constexpr size_t kMostCards = 5;  // more scroll what matters off the screen
  const std::vector<const Incident*> found = ranked(report);
  std::vector<const Incident*> observations;
  for (const Incident& incident : report.incidents) {
    if (is_observation(incident)) observations.push_back(&incident);
  }
  if (found.size() > 1) overview(sheet, found);
  const size_t shown = options.verbose ? found.size() : std::min(found.size(), kMostCards);
  for (size_t i = 0; i < shown; ++i)
    card(sheet, *found[i], report, options);
  if (shown < found.size()) {
    sheet.rule();
    sheet.paragraph(0,
                    counted(found.size() - shown, "more incident is", "more incidents are") +
                        " in the table above; -v, -o markdown and -o html show all in full",
                    Ink::kStrong);
    sheet.blank();
  }
  if (!options.verbose) return also_seen(sheet, observations);
  for (const Incident* incident : observations)
    card(sheet, *incident, report, options);
}

}  // namespace

std::string to_terminal(const ScanReport& report, const TerminalOptions& options) {
  Sheet sheet(options);
  headline(sheet, report);
  incidents(sheet, report, options);
  suppressed(sheet, report);
  sources(sheet, report);
  sheet.blank();
  if (!nothing_read(report)) {
    bulleted(sheet, report.incidents.empty() ? "Blind spots" : "Blind spots of this scan",
             unseen(report), {});
  }
  bulleted(sheet, "Notes", report.notes, {});
  return sheet.take();
}

}  // namespace davy::report
