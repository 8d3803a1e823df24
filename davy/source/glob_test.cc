// SPDX-License-Identifier: Apache-2.0
#include "davy/source/glob.h"

#include <gtest/gtest.h>

#include "davy/source/test_data.h"

namespace davy::source {
namespace {

TEST(Glob, MatchesAsTheShellDoes) {
  const TestFolder folder;
  for (const char* name :
       {"a.json", "b.json", "b.txt", ".hidden.json", "sub/c.json", "sub/deep/d.json",
        "sub/.git/e.json", "other/f.json", "x[1].json", "back\\slash"}) {
    folder.write(name, "x");
  }
  struct Row {
    const char* pattern;
    std::vector<std::string> expected;
  };
  const std::vector<Row> rows = {
      {"*.json", {"a.json", "b.json", "x[1].json"}},
      {"?.json", {"a.json", "b.json"}},
      {"[!a].json", {"b.json"}},
      {"[a-b].*", {"a.json", "b.json", "b.txt"}},
      {".*.json", {".hidden.json"}},
      {"*/*.json", {"other/f.json", "sub/c.json"}},
      {"s*/de?p/*.json", {"sub/deep/d.json"}},
      {"**/*.json",
       {"a.json", "b.json", "other/f.json", "sub/c.json", "sub/deep/d.json", "x[1].json"}},
      {"sub/**/d.json", {"sub/deep/d.json"}},
      {"sub/**/**/*.json", {"sub/c.json", "sub/deep/d.json"}},
      {"x\\[1\\].json", {"x[1].json"}},
      {"back\\\\slash", {"back\\slash"}},
      {"*.gz", {}},
      {"a.json/*", {}},
      {"missing/*", {}},
      {"[", {}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.pattern);
    std::vector<std::string> expected;
    for (const std::string& name : row.expected)
      expected.push_back(folder / name);
    const Matches matches = find_matches(folder / row.pattern);
    EXPECT_EQ(matches.paths, expected);
    EXPECT_EQ(matches.unreadable.size(), 0u);
  }
}

TEST(Glob, TwoStarsAtTheEndMeanEveryFileBelow) {
  const TestFolder folder;
  folder.write("a", "x");
  folder.write("sub/b", "x");
  const Matches matches = find_matches(folder / "**");
  EXPECT_NE(std::find(matches.paths.begin(), matches.paths.end(), folder / "a"),
            matches.paths.end());
  EXPECT_NE(std::find(matches.paths.begin(), matches.paths.end(), folder / "sub/b"),
            matches.paths.end());
}

}  // namespace
}  // namespace davy::source
