// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/auditd.h"

#include <gtest/gtest.h>

#include "davy/decode/audit_line.h"
#include "davy/decode/testing.h"

namespace davy::decode {
namespace {

using event::HostChange;

constexpr std::string_view kExec =
    R"(node=web-1 type=SYSCALL msg=audit(1772633700.123:8069): arch=c000003e syscall=59 success=yes exit=0 a0=55d0 a1=55d1 ppid=2101 pid=2102 auid=1000 uid=0 comm="dash" exe="/usr/bin/dash" key=(null)
node=web-1 type=EXECVE msg=audit(1772633700.123:8069): argc=3 a0="/bin/sh" a1="-c" a2=6563686F206869
node=web-1 type=CWD msg=audit(1772633700.123:8069): cwd="/root"
node=web-1 type=PATH msg=audit(1772633700.123:8069): item=0 name="/bin/sh" inode=1 nametype=NORMAL
node=web-1 type=PROCTITLE msg=audit(1772633700.123:8069): proctitle=2F62696E2F7368002D63
)";

TEST(Auditd, PutsTheLinesOfOneEventTogether) {
  int events = 0;
  const auto decoded =
      testing::decode_stream(kExec, [&](const event::Event& e, const event::Fields&) {
        ++events;
        EXPECT_EQ(to_rfc3339(e.time), "2026-03-04T14:15:00.123Z");
        EXPECT_EQ(e.host, "web-1");
        EXPECT_EQ(e.record_id, "web-1 audit(1772633700.123:8069)");
        EXPECT_EQ(e.logsources, 0b0011u);
        EXPECT_EQ(e.host_change, nullptr);
        ASSERT_NE(e.process, nullptr);
        EXPECT_EQ(e.process->path, "/usr/bin/dash");
        EXPECT_EQ(e.process->name, "dash");
        EXPECT_EQ(e.process->command_line, "/bin/sh -c 'echo hi'");
        EXPECT_EQ(e.process->user, "root");
        EXPECT_EQ(e.process->working_directory, "/root");
        EXPECT_EQ(e.process->pid, 2102);
        EXPECT_EQ(e.process->parent_pid, 2101);
        EXPECT_TRUE(e.process->started);
      });
  EXPECT_EQ(events, 1);
  EXPECT_EQ(decoded.formats, (std::vector<std::string>{"auditd"}));
  EXPECT_TRUE(decoded.rejected.empty());
}

/// One line per event: "path|command line|…" of what the event holds.
std::string summary(std::string_view log) {
  std::string text;
  const auto decoded =
      testing::decode_stream(log, [&](const event::Event& e, const event::Fields&) {
        text += std::string(e.record_id) + " " + std::to_string(e.logsources);
        if (e.process != nullptr) {
          text += " process " + std::string(e.process->path) + "|" +
                  std::string(e.process->command_line) + "|" + std::string(e.process->user);
        }
        if (e.connection != nullptr) {
          text += " to " + std::string(e.connection->remote_ip) + "|" +
                  std::to_string(e.connection->remote_port) + "|" +
                  std::to_string(static_cast<int>(e.connection->outcome));
        }
        if (e.host_change != nullptr) {
          text += " change " + std::to_string(static_cast<int>(e.host_change->what)) + " " +
                  std::string(e.host_change->subject) + " " + std::string(e.host_change->source_ip);
        }
        text += "\n";
      });
  for (const std::string& reason : decoded.rejected)
    text += "rejected: " + reason + "\n";
  for (const std::string& reason : decoded.skipped)
    text += "skipped: " + reason + "\n";
  return text;
}

std::string change(HostChange::What what, std::string_view rest) {
  return "audit(1.000:2) 1 change " + std::to_string(static_cast<int>(what)) + " " +
         std::string(rest) + "\n";
}

/// A log of one event at audit(1.000:2): each line is "TYPE body".
std::string event_of(std::initializer_list<std::string_view> lines) {
  std::string log;
  for (const std::string_view line : lines) {
    const size_t space = line.find(' ');
    log += "type=" + std::string(line.substr(0, space)) +
           " msg=audit(1.000:2):" + std::string(line.substr(space)) + "\n";
  }
  return log;
}

TEST(Auditd, TellsWhatEachKindOfEventMeans) {
  using What = HostChange::What;
  const struct {
    const char* what;
    std::string log, want;
  } cases[] = {
      {"login",
       event_of(
           {R"(USER_LOGIN pid=1 msg='op=login acct="anna" exe="/usr/sbin/sshd" hostname=? addr=203.0.113.7 terminal=ssh res=success')"}),
       change(What::kLogin, "anna 203.0.113.7")},
      {"login by number", event_of({"USER_LOGIN pid=1 msg='op=login id=1001 addr=? res=1'"}),
       change(What::kLogin, "1001 ")},
      {"failed login, name in hex",
       event_of({"USER_LOGIN pid=1 msg='op=login acct=28696E76616C6964207573657229 "
                 "addr=203.0.113.7 res=failed'"}),
       change(What::kLoginFailed, "(invalid user) 203.0.113.7")},
      {"failed authentication",
       event_of({R"(USER_AUTH pid=1 msg='op=pubkey acct="anna" addr=203.0.113.7 res=failed')"}),
       change(What::kLoginFailed, "anna 203.0.113.7")},
      {"authentication is no login yet",
       event_of({R"(USER_AUTH pid=1 msg='op=pubkey acct="anna" res=success')"}),
       "audit(1.000:2) 1\n"},
      {"user added",
       event_of({R"(ADD_USER pid=1 msg='op=add-user acct="eve" id=1002 addr=? res=success')"}),
       change(What::kUserAdded, "eve ")},
      {"user not added", event_of({R"(ADD_USER pid=1 msg='op=add-user acct="eve" res=failed')"}),
       "audit(1.000:2) 1\n"},
      {"group added",
       event_of({R"(ADD_GROUP pid=1 msg='op=add-group grp="wheel2" id=1000 res=success')"}),
       change(What::kGroupChanged, "wheel2 ")},
      {"user put in a group",
       event_of(
           {R"(USER_MGMT pid=1 msg='op=add-user-to-group acct="eve" grp="sudo" res=success')"}),
       change(What::kGroupChanged, "eve ")},
      {"home made", event_of({R"(USER_MGMT pid=1 msg='op=add-home-dir id=1000 res=success')"}),
       "audit(1.000:2) 1\n"},
      {"service started",
       event_of({R"(SERVICE_START pid=1 msg='unit=nginx comm="systemd" res=success')"}),
       change(What::kServiceStarted, "nginx ")},
      {"audit off", event_of({"CONFIG_CHANGE audit_enabled=0 old=1 auid=1000 res=1"}),
       change(What::kAuditTampered, "audit_enabled ")},
      {"audit on", event_of({"CONFIG_CHANGE audit_enabled=1 old=0 auid=1000 res=1"}),
       "audit(1.000:2) 1\n"},
      {"audit rule removed",
       event_of({R"(CONFIG_CHANGE auid=1000 op="remove_rule" key="k" list=4 res=1)"}),
       change(What::kAuditTampered, "remove_rule ")},
      {"daemon ended", event_of({"DAEMON_END op=terminate auid=0 pid=1 res=success"}),
       change(What::kAuditTampered, "terminate ")},
      {"audit service stopped", event_of({"SERVICE_STOP pid=1 msg='unit=auditd res=success'"}),
       change(What::kAuditTampered, "auditd ")},
      {"sudo",
       event_of(
           {R"(USER_CMD pid=1 uid=1000 msg='cwd="/home/anna" cmd=2F746D702F61202D78 terminal=pts/0 res=success')"}),
       "audit(1.000:2) 3 process /tmp/a|/tmp/a -x|1000\n"},
      {"sudo refused", event_of({R"(USER_CMD pid=1 uid=1000 msg='cmd="id" res=failed')"}),
       "audit(1.000:2) 1\n"},
      {"keys written",
       event_of({"SYSCALL arch=c000003e syscall=257 success=yes a2=241 comm=\"tee\" "
                 "exe=\"/usr/bin/tee\"",
                 "CWD cwd=\"/root\"", "PATH item=0 name=\".ssh/authorized_keys\" nametype=NORMAL"}),
       "audit(1.000:2) 9 change 4 /root/.ssh/authorized_keys \n"},
      {"keys read",
       event_of({"SYSCALL arch=c000003e syscall=257 success=yes a2=0 exe=\"/usr/bin/cat\"",
                 "PATH item=0 name=\"/root/.ssh/authorized_keys\" nametype=NORMAL"}),
       "audit(1.000:2) 1\n"},
      {"writing refused",
       event_of({"SYSCALL arch=c000003e syscall=257 success=no a2=1",
                 "PATH item=0 name=\"/etc/sudoers\" nametype=CREATE"}),
       "audit(1.000:2) 1\n"},
      {"file of no interest written",
       event_of({"SYSCALL arch=c00000b7 syscall=56 success=yes a2=1",
                 "PATH item=0 name=\"/srv/a\" nametype=CREATE"}),
       "audit(1.000:2) 9\n"},
      {"connection of a program that does not wait",
       event_of({"SYSCALL arch=c000003e syscall=42 success=no exit=-115 uid=33 exe=\"/tmp/a\"",
                 "SOCKADDR saddr=02000D05CB00714D0000000000000000"}),
       "audit(1.000:2) 5 process /tmp/a||33 to 203.0.113.77|3333|0\n"},
      {"a resolver that asks for its own address",
       event_of({"SYSCALL arch=c000003e syscall=42 success=yes exit=0 uid=33 exe=\"/tmp/a\"",
                 "SOCKADDR saddr=02000000CB00714D0000000000000000"}),
       "audit(1.000:2) 5 process /tmp/a||33\n"},
      {"connection of a program that speaks both",
       event_of({"SYSCALL arch=c000003e syscall=42 success=no exit=-115 uid=33 exe=\"/tmp/a\"",
                 "SOCKADDR saddr=0A000D050000000000000000000000000000FFFFCB00714D00000000"}),
       "audit(1.000:2) 5 process /tmp/a||33 to 203.0.113.77|3333|0\n"},
      {"success of a call that may be UDP",
       event_of({"SYSCALL arch=c000003e syscall=42 success=yes exit=0 uid=33 exe=\"/tmp/a\"",
                 "SOCKADDR saddr=02000D05CB00714D0000000000000000"}),
       "audit(1.000:2) 5 process /tmp/a||33 to 203.0.113.77|3333|0\n"},
      {"connection refused",
       event_of({"SYSCALL arch=c000003e syscall=42 success=no exit=-111 uid=33 exe=\"/tmp/a\"",
                 "SOCKADDR saddr=02000D05CB00714D0000000000000000"}),
       "audit(1.000:2) 5 process /tmp/a||33 to 203.0.113.77|3333|2\n"},
      {"local socket",
       event_of({"SYSCALL arch=c000003e syscall=42 success=yes exe=\"/tmp/a\"",
                 "SOCKADDR saddr=01002F7661722F72756E"}),
       "audit(1.000:2) 1\n"},
      {"address that was bound, not connected to",
       event_of({"SYSCALL arch=c000003e syscall=49 success=yes exe=\"/tmp/a\"",
                 "SOCKADDR saddr=02000D05CB00714D0000000000000000"}),
       "audit(1.000:2) 1\n"},
      {"long argument in parts, lines out of order",
       event_of({"EXECVE a1_len=4 a1[0]=6120 a1[1]=6220 a2=\"z\"", "EXECVE argc=3 a0=\"/bin/x\""}),
       "audit(1.000:2) 3 process |/bin/x 'a b ' z|\n"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(summary(c.log), c.want) << c.what;
}

TEST(Auditd, KeepsEventsApartHoweverTheirLinesAreMixed) {
  const std::string mixed =
      "type=EXECVE msg=audit(1.000:2): argc=1 a0=\"one\"\n"
      "node=b type=EXECVE msg=audit(1.000:2): argc=1 a0=\"other\"\n"
      "type=EXECVE msg=audit(1.000:3): argc=1 a0=\"two\"\r\n"
      "type=SYSCALL msg=audit(1.000:2): arch=c000003e syscall=59 success=yes exe=\"/one\"\n"
      "type=EXECVE msg=audit(1.000:2): argc=1 a0=\"one\"\n"  // a copy
      "\n"
      "type=SYSCALL msg=audit(1.000:3): arch=c000003e syscall=59 success=yes exe=\"/two\"";
  EXPECT_EQ(summary(mixed),
            "audit(1.000:2) 3 process /one|one|\n"
            "b audit(1.000:2) 3 process |other|\n"
            "audit(1.000:3) 3 process /two|two|\n");
}

TEST(Auditd, SaysWhatIsWrongWithOtherLines) {
  const std::string good = "type=USER_END msg=audit(1.000:2): pid=1\n";
  const std::pair<std::string, std::string> cases[] = {
      {"type=UNKNOWN[1329] msg=?", "skipped: audit line without time and serial\n"},
      {"type=X msg=audit(1.000:)", "skipped: audit line without time and serial\n"},
      {"type=X msg=audit(99999999999.000:1): a=b", "skipped: audit line without time and serial\n"},
      {"type=X msg=audit(1.0000000000:1): a=b", "skipped: audit line without time and serial\n"},
      {"kernel: hello", "rejected: not an audit line\n"},
      {"x type=X msg=audit(1.000:1): a=b", "rejected: not an audit line\n"},
  };
  for (const auto& [line, want] : cases)
    EXPECT_EQ(summary(good + line), "audit(1.000:2) 1\n" + want) << line;
}

std::string pairs(std::string_view body) {
  std::string text;
  for_each_audit_pair(body, [&](std::string_view key, AuditValue value) {
    text += std::string(key) + "=" + std::string(value.text) +
            (value.missing() ? "(missing)" : "") + ";";
  });
  return text;
}

TEST(AuditLine, CutsPairs) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"a=1 b=\"x y\" c=(null)", "a=1;b=x y;c=(null)(missing);"},
      {"pid=1 msg='op=login acct=\"a b\" res=success'", "pid=1;op=login;acct=a b;res=success;"},
      {"msg='PAM: close acct=root : exe=\"/c\" (hostname=?, addr=?, terminal=cron res=success)'",
       "acct=root;exe=/c;hostname=?(missing);addr=?(missing);terminal=cron;res=success;"},
      {"avc:  denied  { read } for  pid=1 name=\"a\"", "pid=1;name=a;"},
      {"uid=0\x1dUID=\"root\" SADDR={ saddr_fam=inet laddr=10.0.0.1 lport=80 }",
       "uid=0;UID=root;saddr_fam=inet;laddr=10.0.0.1;lport=80;"},
      {"tty=(none) grantors=a,b", "tty=(none);grantors=a,b;"},
      {"a0=\"btest=test\" a1=\"-f", "a0=btest=test;a1=-f;"},
      {"=x == a=", ""},
      {"mac= pfs=c", "mac=(missing);pfs=c;"},
      {"", ""},
  };
  for (const auto& [body, want] : cases)
    EXPECT_EQ(pairs(body), want) << body;
}

TEST(AuditLine, DecodesAddresses) {
  const struct {
    std::string_view saddr, ip, port;
  } cases[] = {
      {"0200E31C4853E6640000000000000000", "72.83.230.100", "58140"},
      {"02000050A9FEA9FE", "169.254.169.254", "80"},
      {"0A00001600000000000000000000000000000000000000000000000000", "::", "22"},
      {"0A0001BB0000000020010DB800000000000000000000000100000000", "2001:db8::1", "443"},
      {"0A0001BB00000000", "", ""},
      {"02000050A9FEA9", "", ""},
      {"100000000000000000000000", "", ""},
      {"zz", "", ""},
      {"02", "", ""},
      {"", "", ""},
  };
  Arena arena;
  for (const auto& c : cases) {
    const AuditAddress address = decode_audit_address(c.saddr, arena);
    EXPECT_EQ(address.ip, c.ip) << c.saddr;
    EXPECT_EQ(address.port, c.port) << c.saddr;
  }
}

}  // namespace
}  // namespace davy::decode
