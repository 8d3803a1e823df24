// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/internal/documents.h"

#include <algorithm>
#include <sstream>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include "davy/base/text.h"

namespace davy::sigma::internal {
namespace {

/// For parsing whose outcome only matters as success or failure.
class IgnoreEvents : public YAML::EventHandler {
 public:
  using Mark = YAML::Mark;
  using Anchor = YAML::anchor_t;
  using Style = YAML::EmitterStyle::value;
  void OnDocumentStart(const Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const Mark&, Anchor) override {}
  void OnAlias(const Mark&, Anchor) override {}
  void OnScalar(const Mark&, const std::string&, Anchor, const std::string&) override {}
  void OnSequenceStart(const Mark&, const std::string&, Anchor, Style) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const Mark&, const std::string&, Anchor, Style) override {}
  void OnMapEnd() override {}
};

/// A line that ends a document wherever it stands, even inside a block of text.
bool is_marker(std::string_view line, std::string_view marker) {
  return line.starts_with(marker) &&
         (line.size() == marker.size() || is_ascii_space(line[marker.size()]));
}

/// Comments, directives and blank lines only.
bool is_blank(std::string_view text) {
  for (std::string_view line : split(text, '\n')) {
    line = trim(line);
    if (!line.empty() && line.front() != '#' && line.front() != '%') return false;
  }
  return true;
}

/// Something follows the value, so that loading it would silently drop the rest.
bool has_leftover(const std::string& text, const YAML::Node& node) {
  // A block map at the left edge ends at the end of the document or in an error.
  if (node.IsMap() && node.Style() != YAML::EmitterStyle::Flow && node.Mark().column == 0) {
    return false;
  }
  std::istringstream input(text);
  YAML::Parser parser(input);
  IgnoreEvents ignore;
  return parser.HandleNextDocument(ignore) && parser.HandleNextDocument(ignore);
}

void read_document(std::string_view text, size_t lines_before, std::vector<YAML::Node>& documents,
                   std::vector<BrokenDocument>& broken) {
  if (is_blank(text)) return;
  const int offset = static_cast<int>(lines_before);
  try {
    // Empty lines in front keep the positions right.
    const std::string padded = std::string(lines_before, '\n') + std::string(text);
    const YAML::Node node = YAML::Load(padded);
    if (has_leftover(padded, node)) {
      broken.push_back({offset + 1, 0, "something follows the end of the document"});
    } else if (node.IsDefined() && !node.IsNull()) {
      documents.push_back(node);
    }
  } catch (const YAML::Exception& error) {
    broken.push_back({error.mark.line + 1, error.mark.column + 1, error.msg});
  }
}

}  // namespace

void read_documents(std::string_view stream, std::vector<YAML::Node>& documents,
                    std::vector<BrokenDocument>& broken) {
  size_t begin = 0;
  size_t begin_line = 0;
  size_t line_number = 0;
  for (size_t at = 0; at < stream.size(); ++line_number) {
    const size_t end = std::min(stream.find('\n', at), stream.size() - 1) + 1;
    const std::string_view line = stream.substr(at, end - at);
    const bool starts = is_marker(line, "---");
    if (starts || is_marker(line, "...")) {
      read_document(stream.substr(begin, at - begin), begin_line, documents, broken);
      // What follows "---" on its line belongs to the new document; the marker itself is dropped,
      // and with it the columns of that line.
      begin = at + 3;
      begin_line = line_number;
    }
    at = end;
  }
  read_document(stream.substr(begin), begin_line, documents, broken);
}

}  // namespace davy::sigma::internal
