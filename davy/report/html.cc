// SPDX-License-Identifier: Apache-2.0
// One self-contained page. The content policy names the hashes of the page's own style and script,
// so that nothing that log text could smuggle in would load or run; there are no style attributes
// and no inline handlers. All of it reads without the script, which only sorts, copies and unfolds.
#include <algorithm>
#include <array>

#include "content/content.h"
#include <fmt/format.h>
#include <openssl/evp.h>

#include "davy/base/text.h"
#include "davy/report/escape.h"
#include "davy/report/html_charts.h"
#include "davy/report/report.h"
#include "davy/report/verdict.h"
#include "davy/report/wording.h"

namespace davy::report {
namespace {

using incident::Incident;
using Row = std::vector<std::string>;  // escaped cells

/// Base64 of the SHA-256, as a content policy names a source.
std::string policy_hash(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
  std::array<unsigned char, 2 * EVP_MAX_MD_SIZE> encoded{};
  const int length = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(size));
  return "sha256-" + std::string(encoded.begin(), encoded.begin() + length);
}

/// Escapes and defangs the text of one incident.
class Words {
 public:
  explicit Words(std::vector<std::string> names = {}) : names_(std::move(names)) {}
  std::string operator()(std::string_view text) const { return escape_html(defang(text, names_)); }

  /// The items from `first` up to `last`, separated by commas.
  std::string items(const std::vector<std::string>& all, size_t first, size_t last) const {
    std::string html;
    for (size_t i = first; i < std::min(last, all.size()); ++i) {
      html += (i > first ? ", " : "") + (*this)(all[i]);
    }
    return html;
  }

 private:
  std::vector<std::string> names_;
};

std::string tag(std::string_view name, std::string_view content) {
  return fmt::format("<{0}>{1}</{0}>", name, content);
}

std::string list(std::string_view kind, const std::vector<std::string>& items, const Words& words) {
  std::string html;
  for (const std::string& item : items)
    html += tag("li", words(item));
  return html.empty() ? html : tag(kind, html);
}

/// `kinds` has one character a column: 'w' (words of ours), 'f' (figures), 'd' (a drawing) or 'p'
/// (log text, which may have to be broken anywhere).
std::string table(std::string_view caption, const Row& titles, std::string_view kinds,
                  const std::vector<Row>& rows) {
  const auto side = [&](size_t i) {
    return kinds[i] == 'f' ? " class=\"figure\"" : kinds[i] == 'p' ? " class=\"prose\"" : "";
  };
  // A title that is markup has no words for the narrow page, where titles stand beside each value.
  const auto plain = [](const std::string& title) {
    return title.find('<') == std::string::npos ? std::string_view(title) : "";
  };
  std::string html = fmt::format(
      "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{0}\"><table "
      "class=\"sortable\"><caption>{0}"
      "</caption><thead><tr>",
      caption);
  for (size_t i = 0; i < titles.size(); ++i) {
    html += fmt::format("<th scope=\"col\"{}>{}</th>", side(i), titles[i]);
  }
  html += "</tr></thead><tbody>";
  for (const Row& row : rows) {
    html += "<tr>";
    for (size_t i = 0; i < row.size(); ++i) {
      if (row[i].empty()) {  // stacked on a narrow page, it would be a title without a value
        html += fmt::format("<td{}></td>", side(i));
      } else {
        html += fmt::format("<td{} data-title=\"{}\">{}</td>", side(i), plain(titles[i]), row[i]);
      }
    }
    html += "</tr>";
  }
  return html + "</tbody></table></div>\n";
}

std::string section(std::string_view title, std::string_view body) {
  return body.empty() ? "" : fmt::format("<section><h3>{}</h3>\n{}</section>\n", title, body);
}

std::string folded(std::string_view title, std::string_view body) {
  return body.empty() ? ""
                      : fmt::format("<details><summary>{}</summary>\n{}</details>\n", title, body);
}

std::string time_cell(Time t) {
  return t.known() ? fmt::format("<time datetime=\"{0}\">{1} {2}</time>", to_rfc3339(t), to_date(t),
                                 to_clock(t))
                   : "not known";
}

std::string fact_list(const Incident& incident, const Words& words) {
  std::string html;
  for (const Fact& fact : facts(incident))
    html += tag("dt", fact.label) + tag("dd", words(fact.text));
  html += tag("dt", "Kind") + tag("dd", incident::kind_title(incident));
  if (incident.suppressed_by)
    html += tag("dt", "Suppressed by") + tag("dd", words(*incident.suppressed_by));
  return tag("dl", html);
}

std::string do_first(const Incident& incident, const Words& words) {
  std::string html;
  for (const std::string& step : incident.do_first) {
    html += fmt::format("<li><label><input type=\"checkbox\"> <span>{}</span></label></li>",
                        words(step));
  }
  return html.empty() ? html : "<ol class=\"steps\">" + html + "</ol>";
}

std::string why(const Incident& incident, const Words& words) {
  double most = 1;
  for (const auto& part : incident.why)
    most = std::max(most, std::abs(part.points));
  std::vector<Row> rows;
  for (const auto& part : main_contributions(incident)) {
    rows.push_back({points(part.points), share_bar(part.points / most), words(part.text)});
  }
  return table("Contributions to the score",
               {"Points", "<span class=\"unseen\">Share</span>", "Because"}, "fdp", rows);
}

std::string stage_ladder(const Incident& incident) {
  std::string html;
  for (size_t i = 0; i < detect::kStageCount; ++i) {
    const auto stage = static_cast<detect::Stage>(i);
    const auto found = std::find_if(incident.stages.begin(), incident.stages.end(),
                                    [&](const auto& span) { return span.stage == stage; });
    const bool reached = found != incident.stages.end();
    html += fmt::format("<li class=\"{}\"><span>{}</span><small>{}</small></li>",
                        reached ? "reached" : "open", spaced(detect::stage_name(stage)),
                        reached ? hour_minute(found->first) : "not seen");
  }
  return "<ol class=\"ladder\">" + html + "</ol>\n";
}

std::string timeline(const Incident& incident, const ScanReport& report, const Words& words) {
  std::vector<Row> rows;
  for (const auto& entry : incident.timeline) {
    const std::string where = entry.evidence.empty()
                                  ? ""
                                  : "<code>" + words(place(entry.evidence[0], report)) + "</code>";
    rows.push_back(
        {time_cell(entry.time), words(entry.text), spaced(detect::stage_name(entry.stage)), where});
  }
  if (rows.empty()) return {};
  return timeline_chart(incident) +
         table("Timeline (UTC)", {"Time", "What happened", "Stage", "Evidence"}, "wpwp", rows);
}

std::string meter(std::string_view label, std::string_view value, std::string_view kind = "") {
  return fmt::format("<div class=\"meter {}\"><dt>{}</dt><dd>{}</dd></div>", kind, label, value);
}

std::string cost(const Incident& incident, const Words& words) {
  const incident::Impact& impact = incident.impact;
  std::string html = "<dl class=\"meters\">";
  for (const Figure& figure : figures(impact))
    html += meter(figure.label, figure.value, figure.burning ? "burning" : "");
  html += "</dl>";
  return html + folded("How the figures were computed", list("ul", impact.basis, words));
}

std::string scope(const Incident& incident, const Words& words) {
  const auto row = [&](std::string_view what, const std::vector<std::string>& items) -> Row {
    constexpr size_t kUnfolded = 8;
    std::string cell = words.items(items, 0, kUnfolded);
    if (items.size() > kUnfolded) {
      cell += folded(fmt::format("and {} more", with_thousands(items.size() - kUnfolded)),
                     tag("p", words.items(items, kUnfolded, items.size())));
    }
    return {std::string(what), with_thousands(items.size()), cell};
  };
  return table("Scope", {"What", "Count", "Which"}, "wfp",
               {row("Accounts", incident.scope.accounts), row("Regions", incident.scope.regions),
                row("Resources", incident.scope.resources)});
}

std::string indicators(const Incident& incident) {
  std::vector<Row> rows;
  for (const detect::Indicator& indicator : incident.indicators) {
    rows.push_back({std::string(detect::indicator_role_name(indicator.role)),
                    std::string(detect::indicator_type_name(indicator.type)),
                    "<code class=\"copyable\">" + escape_html(defang(indicator)) + "</code>"});
  }
  return rows.empty() ? ""
                      : table("Indicators, defanged", {"What it is", "Type", "Value"}, "wwp", rows);
}

std::string evidence(const Incident& incident, const ScanReport& report, const Words& words) {
  std::vector<Row> rows;
  for (const DetectionLine& line : detection_lines(incident, report)) {
    const detect::Detection* const d = &line.told;
    std::string places;
    for (const detect::Evidence& e : d->evidence) {
      places += "<li><code>" + words(place(e, report) + " " + e.record_id) + "</code></li>";
    }
    if (const uint64_t more = uncited(*d); more > 0)
      places += fmt::format("<li>and {} more</li>", with_thousands(more));
    rows.push_back(
        {time_cell(d->time), "<strong>" + words(line.title()) + "</strong><br>" + words(d->detail),
         std::string(detect::level_name(d->level)), std::string(detect::claim_name(d->claim)),
         with_thousands(d->count), places.empty() ? "" : tag("ul", places)});
  }
  if (rows.empty()) return {};
  return table("Detections and the records they cite",
               {"Time", "Detection", "Level", "Claim", "Records", "Cited"}, "wpwwfp", rows);
}

std::string incident_article(const Incident& incident, const ScanReport& report,
                             std::string_view anchor) {
  const Words words(defang_names(incident));
  const std::string_view severity = incident::severity_name(incident.severity);
  std::string html = fmt::format(
      "<article class=\"incident {0}\" id=\"{1}\" aria-labelledby=\"{1}-title\">\n<header>{2}<div>"
      "<p class=\"marks\"><span class=\"badge\">{0}</span> <span>{3}</span> <span>{4}</span> "
      "<code>{5}</code></p>"
      "<h2 id=\"{1}-title\">{6}</h2><p class=\"summary\">{7}</p></div></header>\n",
      severity, anchor, score_ring(incident), words(incident.priority), words(incident.number),
      escape_html(incident.id), words(incident.title), words(incident.summary));
  html += "<div class=\"columns\">" + section("At a glance", fact_list(incident, words)) +
          section("Do first", do_first(incident, words)) + "</div>\n";
  html += section("What it costs", cost(incident, words));
  html += section("How far it got", stage_ladder(incident));
  html += section("What happened", timeline(incident, report, words));
  html += "<div class=\"columns\">" +
          section(fmt::format("Why {}/100", whole_score(incident.score)), why(incident, words)) +
          section("Signals", signal_chart(incident)) + "</div>\n";
  html += "<div class=\"columns\">" + section("Scope", scope(incident, words)) +
          section("Indicators", indicators(incident)) + "</div>\n";
  html += section("Blind spots", list("ul", incident.blind_spots, words));
  html += folded("Detections and evidence", evidence(incident, report, words));
  if (!incident.techniques.empty()) {
    html += "<p class=\"techniques\">MITRE ATT&amp;CK: " + words(join(incident.techniques, ", ")) +
            "</p>\n";
  }
  return html + "</article>\n";
}

std::string source_table(std::string_view caption, const std::vector<SourceReport>& sources) {
  const Words words;
  std::vector<Row> rows;
  for (const SourceReport& s : sources) {
    Row remarks;
    const auto add = [&](std::string_view what, const std::string& says) {
      if (!says.empty()) remarks.push_back(fmt::format("{}: {}", what, words(says)));
    };
    add("skipped", first_few(most_frequent(s.skipped_by_reason), 3));
    add("rejected", first_few(most_frequent(s.rejected_by_reason), 3));
    for (size_t i = 0; i < std::min<size_t>(s.rejected.size(), 3); ++i)
      add("at byte " + with_thousands(s.rejected[i].offset), s.rejected[i].reason);
    add("<strong>not read to its end</strong>", s.error);
    rows.push_back({"<code>" + words(s.path) + "</code>", words(s.format),
                    with_thousands(s.records), with_thousands(s.events), with_thousands(s.skipped),
                    with_thousands(s.rejected_count), human_bytes(s.bytes), join(remarks, "<br>")});
  }
  if (rows.empty()) return {};
  return table(caption,
               {"Source", "Format", "Records", "Events", "Skipped", "Rejected", "Size", "Remarks"},
               "pwfffffp", rows);
}

std::string sources(const ScanReport& report) {
  const SourceListing listing = listed_sources(report);
  return "<p>" + Words()(looked_at(report)) + "</p>" + source_table("Sources", listing.rows) +
         section("Of these, not read whole or with rejected records",
                 source_table("Sources with trouble", listing.troubled));
}

/// The incidents in the order of their articles, as a table that leads to each.
std::string contents(const ScanReport& report) {
  std::vector<Row> rows;
  const std::vector<const Incident*> incidents = in_order(report);
  for (size_t i = 0; i < incidents.size(); ++i) {
    const Incident& incident = *incidents[i];
    const std::string_view state = run_state(incident);
    rows.push_back(
        {fmt::format("<span class=\"{0}\"><span class=\"badge\">{0} {1}</span></span>",
                     incident::severity_name(incident.severity), whole_score(incident.score)),
         state == "RUNNING" ? "<strong class=\"running\">running</strong>" : std::string(state),
         usd_or_unknown(incident.impact.burn_usd_per_hour),
         usd_or_unknown(incident.impact.cost_so_far_usd),
         fmt::format("<a href=\"#incident-{}\">{}</a>", i + 1,
                     Words(defang_names(incident))(incident.title))});
  }
  if (rows.empty()) return {};
  return "<nav aria-label=\"Incidents\">" +
         table("Incidents", {"Severity", "State", "$/h now", "So far", "Incident"}, "wwffp", rows) +
         "</nav>";
}

std::string head(const ScanReport& report) {
  const std::string_view style = content::find("templates/report.css");
  const std::string_view script = content::find("templates/report.js");
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '{}'; "
      "script-src '{}'; "
      "base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" "
      "content=\"no-referrer\">\n"
      "<title>{} - Davy</title>\n<style>{}</style>\n</head>\n",
      policy_hash(style), policy_hash(script), escape_html(verdict(report).found), style);
}

}  // namespace

std::string to_html(const ScanReport& report) {
  const Verdict v = verdict(report);
  std::string html = head(report);
  html += "<body>\n<header class=\"top\"><p class=\"brand\">Davy scan</p><h1>" +
          escape_html(v.found) + "</h1>";
  if (!v.burn.empty()) html += "<p class=\"burn\">" + escape_html(v.burn) + "</p>";
  if (!v.caveat.empty()) html += tag("p", v.caveat);
  html += contents(report) + "</header>\n<main>\n";
  const std::vector<const Incident*> incidents = in_order(report);
  for (size_t i = 0; i < incidents.size(); ++i) {
    html += incident_article(*incidents[i], report, fmt::format("incident-{}", i + 1));
  }
  if (!report.suppressed.empty()) html += "<h2 class=\"part\">Suppressed by the allow-list</h2>\n";
  for (size_t i = 0; i < report.suppressed.size(); ++i) {
    html += incident_article(report.suppressed[i], report, fmt::format("suppressed-{}", i + 1));
  }
  html += "<section class=\"plain\"><h2>What was looked at</h2>\n" + sources(report) +
          section("Blind spots of this scan",
                  nothing_read(report) ? "" : list("ul", unseen(report), Words())) +
          section("Notes", list("ul", report.notes, Words())) + "</section>\n</main>\n";
  html +=
      fmt::format("<script>{}</script>\n</body></html>\n", content::find("templates/report.js"));
  return html;
}

}  // namespace davy::report
