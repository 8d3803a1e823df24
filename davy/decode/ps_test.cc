// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/ps.h"

#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "davy/decode/ps_listing.h"
#include "davy/decode/testing.h"

namespace davy::decode {
namespace {

/// One line a process: pid, parent, user, cpu, resident KiB, path, name, command line.
std::string summary(std::string_view text) {
  std::string lines;
  const auto decoded =
      testing::decode_stream(text, [&](const event::Event& e, const event::Fields&) {
        ASSERT_NE(e.process, nullptr);
        const event::Process& p = *e.process;
        EXPECT_FALSE(e.time.known());
        EXPECT_EQ(e.logsources, 0b11u);
        EXPECT_FALSE(p.started);
        lines +=
            fmt::format("{} {} {} {} {} {}|{}|{}\n", p.pid, p.parent_pid, p.user, p.cpu_percent,
                        p.resident_bytes / 1024, p.path, p.name, p.command_line);
      });
  for (const std::string& format : decoded.formats)
    EXPECT_EQ(format, "ps");
  for (const std::string& reason : decoded.skipped)
    lines += "skipped: " + reason + "\n";
  for (const std::string& reason : decoded.rejected)
    lines += "rejected: " + reason + "\n";
  return lines;
}

TEST(Ps, ProcessesOfOneListingShareAHostAndThoseOfAnotherDoNot) {
  const auto hosts = [](std::string_view text) {
    std::set<std::string> found;
    testing::decode_stream(
        text, [&](const event::Event& e, const event::Fields&) { found.emplace(e.host); });
    return found;
  };
  const auto one = hosts("PID COMMAND\n1 /sbin/init\n2 ./xmrig\n");
  const auto other = hosts("PID COMMAND\n1 /sbin/init\n3 ./xmrig\n");
  ASSERT_EQ(one.size(), 1u);
  ASSERT_EQ(other.size(), 1u);
  EXPECT_EQ(one.begin()->size(), std::string_view("ps-listing-1a2b3c4d").size());
  EXPECT_TRUE(one.begin()->starts_with("ps-listing-"));
  EXPECT_NE(one, other);
}

TEST(Ps, ReadsProcessorTimeInEveryForm) {
  const struct {
    std::string_view cell;
    DurationNs want;
  } cases[] = {{"900:11", 900 * kMinute + 11 * kSecond},
               {"0:05.33", 5 * kSecond},
               {"140:02,11", 140 * kMinute + 2 * kSecond},
               {"15:00:11", 15 * kHour + 11 * kSecond},
               {"1-02:03:04", kDay + 2 * kHour + 3 * kMinute + 4 * kSecond},
               {"100000-00:00:00", 100000 * kDay},
               {"100000-00:00:01", 0},
               {"100000-1000000:00:00", 0},
               {"150000-00:00:00", 0},
               {"-", 0},
               {"12", 0},
               {"x-00:00:01", 0},
               {"1:2:3:4", 0},
               {"99999999999999999999:00", 0},
               {"9999999:00", 0}};
  for (const auto& one : cases) {
    int processes = 0;
    testing::decode_stream(fmt::format("PID TIME COMMAND\n7 {} a\n", one.cell),
                           [&](const event::Event& e, const event::Fields&) {
                             ++processes;
                             EXPECT_EQ(e.process->cpu_time, one.want) << one.cell;
                           });
    EXPECT_EQ(processes, 1) << one.cell;
  }
}

TEST(Ps, ReadsWhateverColumnsThereAre) {
  const struct {
    const char* what;
    std::string_view text;
    std::string_view want;
  } cases[] = {
      {"aux",
       "USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n"
       "root           1  0.0  0.1 168140 11500 ?        Ss   Mar01   0:12 /sbin/init splash\n"
       "root           2  0.0  0.0      0     0 ?        S    Mar01   0:00 [kthreadd]\n"
       "www         2100 1590.0  3.5 2476032 2359296 ?   Sl   13:00 140:02 ./xmrig -o  pool:1\n",
       "1 0 root 0 11500 /sbin/init|init|/sbin/init splash\n"
       "2100 0 www 1590 2359296 ./xmrig|xmrig|./xmrig -o  pool:1\n"},
      {"a tree is drawn",
       "USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n"
       "www         2100 399.0  3.5 2476032 2359296 ?   Sl   13:00 140:02  |   \\_ ./xmrig -c a\n"
       "www         2101 1.0  3.5 2476032 2359296 ?   Sl   13:00 140:02  `- ./b -x\n",
       "2100 0 www 399 2359296 ./xmrig|xmrig|./xmrig -c a\n"
       "2101 0 www 1 2359296 ./b|b|./b -x\n"},
      {"-ef",
       "UID          PID    PPID  C STIME TTY          TIME CMD\r\n"
       "root           2       0  0 Mar01 ?        00:00:00 [kthreadd]\r\n"
       "root          14       2  0 Mar01 ?        00:00:00 [ksoftirqd/0]\r\n"
       "app          900       1 99 13:00 ?        02:00:00 [kworker/0:1]\r\n",
       "900 1 app 99 0 |[kworker/0:1]|[kworker/0:1]\n"},
      {"memory gives a false kernel thread away",
       "USER PID %CPU %MEM VSZ RSS TTY STAT START TIME COMMAND\n"
       "root 5 0.0 0.0 100 4 ? S 13:00 0:00 [kswapd0]\n"
       "root 6 0.0 0.0 100 0 ? S 13:00 0:00 [swapped-out]\n"
       "root 7 0.0 0.0 0 0 ? S 13:00 0:00 [kswapd0]\n",
       "5 0 root 0 4 |[kswapd0]|[kswapd0]\n"
       "6 0 root 0 0 |[swapped-out]|[swapped-out]\n"},
      {"own order, long start, command in the middle",
       "    PID                  STARTED COMMAND         %CPU   RSS USER\n"
       "     77 Wed Mar  4 14:15:33 2026 /usr/bin/a -b c  1.5    12 eve\n",
       "77 0 eve 1.5 12 /usr/bin/a|a|/usr/bin/a -b c\n"},
      {"name and arguments", "PID PPID COMMAND COMMAND\n 9 1 java java -jar x.jar\n",
       "9 1  -1 0 |java|java -jar x.jar\n"},
      {"top",
       "top - 14:15:33 up 1 day,  1 user,  load average: 16,02, 15,90, 15,01\n"
       "Tasks: 101 total\n\n"
       "    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND\n"
       "   2100 root      20   0 2476032   2,3g   1200 S 1599,4  14,9 140:02.11 kdevtmpfsi\n",
       "2100 0 root 1599.4 2411724 |kdevtmpfsi|kdevtmpfsi\n"},
      {"what the commands of a probe print",
       "PID PPID USER %CPU %MEM ELAPSED COMMAND\n"
       "123 1 root 99.0 1.0 60 [kworker/1:2]\n"
       "124 1 root 0.0 1.0 60 sshd: root@pts/0\n"
       "125 124 root 0.0 1.0 60 -bash\n"
       "---SS\n"
       "0 0 10.0.0.5:41234 203.0.113.77:3333 users:((\"xmrig\",pid=123,fd=12))\n"
       "---EXE\n"
       "123 /tmp/.x/xmrig (deleted)\n"
       "nonsense\n"
       "125 \n",
       "123 1 root 99 0 /tmp/.x/xmrig (deleted)|[kworker/1:2]|[kworker/1:2]\n"
       "124 1 root 0 0 |sshd|sshd: root@pts/0\n"
       "125 124 root 0 0 |bash|-bash\n"},
      {"lines that are no process",
       "USER PID %CPU RSS COMMAND\nroot x 1 1 a\nroot -4 1 1 a\nroot 5\n\nroot 6 nan -1 b\n"
       "--output truncated--\n",
       "6 0 root -1 0 |b|b\n"},
      {"nothing but a header", "USER PID COMMAND\n",
       "skipped: process listing without processes\n"},
      {"prompt before the header", "$ ps\n  PID TTY TIME CMD\n 7 pts/0 00:00:00 a\n",
       "7 0  -1 0 |a|a\n"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(summary(c.text), c.want) << c.what;
}

TEST(Ps, TellsHeadersFromOtherTables) {
  const std::pair<std::string_view, bool> cases[] = {
      {"  PID TTY          TIME CMD", true},
      {"USER PID %CPU COMMAND", true},
      {"COMMAND  PID USER FD TYPE DEVICE SIZE/OFF NODE NAME", false},
      {"Pid Command", false},
      {"PID USER", false},
      {"the PID of the COMMAND", false},
      {"root 1 PID CMD", false},
      {"", false},
  };
  for (const auto& [line, want] : cases)
    EXPECT_EQ(is_process_header(line), want) << line;
}

TEST(Ps, GivesEveryLineItsOwnLastingKey) {
  const std::string_view text = "PID COMMAND\n5 a\n5 a\n";
  std::vector<Hash128> keys;
  for (int i = 0; i < 2; ++i) {
    testing::decode_stream(
        text, [&](const event::Event& e, const event::Fields&) { keys.push_back(e.key); });
  }
  ASSERT_EQ(keys.size(), 4u);
  EXPECT_NE(keys[0], keys[1]);
  EXPECT_EQ(keys[0], keys[2]);
  EXPECT_EQ(keys[1], keys[3]);
}

TEST(Ps, GivesRulesColumnsAndSysmonNames) {
  event::Schema schema;
  for (const char* name : {"Image", "CommandLine", "ProcessId", "ParentProcessId", "User", "%CPU"})
    schema.add(name);
  schema.want_all_values();
  ProcessListing listing(schema);
  std::string seen;
  listing.read("PID PPID USER %CPU COMMAND\n5 4 eve 1.5 /tmp/a -b\n", nullptr,
               [&](const event::Process&, const event::Fields& fields, size_t line) {
                 for (event::Slot slot = 0; slot < schema.size(); ++slot)
                   seen += std::string(fields.text(slot)) + ";";
                 seen += fmt::format("line {}, {} values", line, fields.all_values().size());
               });
  EXPECT_EQ(seen, "/tmp/a;/tmp/a -b;5;4;eve;1.5;line 1, 5 values");
}

}  // namespace
}  // namespace davy::decode
