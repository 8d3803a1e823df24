// SPDX-License-Identifier: Apache-2.0
#include "tests/law/rearrangement.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/source/test_data.h"

namespace davy::tests {
namespace {

constexpr std::string_view kRecordsStart = R"({"Records":[)";

/// Own choice in place of std::uniform_int_distribution: the same on every standard library.
size_t below(size_t bound, Random& random) {
  return static_cast<size_t>(random() % bound);
}
bool one_in(size_t times, Random& random) {
  return below(times, random) == 0;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  for (std::string_view line : split(text, '\n')) {
    if (!trim(line).empty()) lines.emplace_back(line);
  }
  return lines;
}

/// The elements of the array that `text` is the inside of, bytes untouched.
std::vector<std::string> elements_of(std::string_view text) {
  std::vector<std::string> elements;
  int depth = 0;
  bool in_string = false;
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{') {
      if (depth++ == 0) begin = i;
    } else if (c == '}' && --depth == 0) {
      elements.emplace_back(text.substr(begin, i + 1 - begin));
    }
  }
  return elements;
}

std::string delivery_folder(const std::string& path) {
  const size_t begin = path.find("AWSLogs/");
  return begin == std::string::npos ? "" : path.substr(begin, path.rfind('/') - begin);
}

Pool pool_of(const std::string& path, const std::string& text) {
  Pool pool;
  pool.folder = delivery_folder(path);
  const std::vector<std::string> lines = lines_of(text);
  const bool all_objects =
      !lines.empty() && std::all_of(lines.begin(), lines.end(), [](const std::string& line) {
        return line.starts_with('{') && line.ends_with('}');
      });
  if (text.starts_with(kRecordsStart)) {
    pool.layout = Layout::kRecordsArray;
    pool.records = elements_of(std::string_view(text).substr(kRecordsStart.size()));
  } else if (all_objects) {
    pool.layout = Layout::kJsonLines;
    pool.records = lines;
  } else if (!lines.empty() && lines[0].find(" srcaddr ") != std::string::npos) {
    pool.layout = Layout::kHeaderLines;
    pool.header = lines[0];
    pool.records.assign(lines.begin() + 1, lines.end());
  } else {
    pool.records = {text};
  }
  return pool;
}

/// {"Records":[…]} may as well arrive as lines; other layouts stay what they are.
Layout some_layout(const Pool& pool, Random& random) {
  if (pool.layout != Layout::kRecordsArray) return pool.layout;
  return one_in(2, random) ? Layout::kRecordsArray : Layout::kJsonLines;
}

void repeat_some(std::vector<std::string>& records, Random& random) {
  const size_t count = records.size();
  for (size_t i = 0; i < count; ++i) {
    if (one_in(12, random)) records.push_back(records[i]);
  }
}

/// A name that sorts anywhere, below the pool's delivery folder.
std::string some_path(const Pool& pool, Random& random) {
  const std::string name = fmt::format("{:016x}{}", random(), one_in(2, random) ? ".log" : "");
  const std::string folder = fmt::format("{:x}", below(16, random));
  return join({folder, pool.folder.empty() ? "logs" : pool.folder, name}, "/");
}

}  // namespace

std::vector<Pool> pools_of(const std::map<std::string, std::string>& files) {
  std::map<std::tuple<Layout, std::string, std::string>, Pool> pools;
  std::vector<Pool> all;
  for (const auto& [path, text] : files) {
    Pool pool = pool_of(path, text);
    if (pool.layout == Layout::kOpaque) {
      all.push_back(std::move(pool));
      continue;
    }
    Pool& known = pools[{pool.layout, pool.header, pool.folder}];
    pool.records.insert(pool.records.begin(), known.records.begin(), known.records.end());
    known = std::move(pool);
  }
  for (auto& [key, pool] : pools)
    all.push_back(std::move(pool));
  return all;
}

void shuffle(std::vector<std::string>& records, Random& random) {
  for (size_t i = records.size(); i > 1; --i)
    std::swap(records[i - 1], records[below(i, random)]);
}

std::string joined(const Pool& pool, const std::vector<std::string>& records, Layout layout) {
  switch (layout) {
    case Layout::kRecordsArray: return std::string(kRecordsStart) + join(records, ",") + "]}";
    case Layout::kHeaderLines: return pool.header + "\n" + join(records, "\n") + "\n";
    case Layout::kJsonLines: return join(records, "\n") + "\n";
    case Layout::kOpaque: break;
  }
  return join(records, "");
}

std::map<std::string, std::string> rearranged(const std::vector<Pool>& pools, Random& random) {
  std::map<std::string, std::string> files;
  const auto deliver = [&](const Pool& pool, const std::string& text) {
    const std::string bytes = one_in(2, random) ? source::gzip(text) : text;
    files[some_path(pool, random)] = bytes;
    if (one_in(10, random)) files[some_path(pool, random)] = bytes;
  };
  for (const Pool& pool : pools) {
    if (pool.layout == Layout::kOpaque) {
      deliver(pool, pool.records[0]);
      continue;
    }
    std::vector<std::string> records = pool.records;
    repeat_some(records, random);
    if (!one_in(4, random)) shuffle(records, random);
    for (size_t at = 0; at < records.size();) {
      const size_t rest = records.size() - at;
      const size_t count = one_in(3, random) ? rest : 1 + below(rest, random);
      const auto first = records.begin() + static_cast<std::ptrdiff_t>(at);
      deliver(pool, joined(pool, {first, first + static_cast<std::ptrdiff_t>(count)},
                           some_layout(pool, random)));
      at += count;
    }
  }
  return files;
}

}  // namespace davy::tests
