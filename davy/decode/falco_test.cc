// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/falco.h"

#include <gtest/gtest.h>

#include "davy/decode/testing.h"

namespace davy::decode {
namespace {

/// An alert with `fields` in output_fields and `output` as its text.
std::string alert(std::string_view fields, std::string_view source = "syscall",
                  std::string_view output = "12:00:00.000000000: Notice x") {
  return R"({"hostname":"node-1","output":")" + std::string(output) +
         R"(","priority":"Critical","rule":"Drop and execute new binary in container","source":")" +
         std::string(source) + R"(","time":"2026-03-04T14:02:11.123456789Z","output_fields":{)" +
         std::string(fields) + "}}";
}

struct Seen {
  int events = 0;
  uint32_t logsources = 0;
  std::string path, command_line, remote, pod, image, container, user, pid;
};

Seen decode(const std::string& text) {
  Seen seen;
  const auto decoded =
      testing::decode_stream(text, [&](const event::Event& e, const event::Fields&) {
        ++seen.events;
        seen.logsources = e.logsources;
        seen.pod = e.pod;
        seen.image = e.image;
        seen.container = e.container;
        ASSERT_NE(e.finding, nullptr);
        if (!e.finding->remote_ip.empty()) {
          seen.remote =
              std::string(e.finding->remote_ip) + "|" + std::to_string(e.finding->remote_port);
        }
        if (e.process == nullptr) return;
        seen.path = e.process->path;
        seen.command_line = e.process->command_line;
        seen.user = e.process->user;
        seen.pid = std::to_string(e.process->pid);
      });
  EXPECT_TRUE(decoded.rejected.empty()) << decoded.rejected.front();
  return seen;
}

TEST(Falco, TellsTheAlertItsProcessAndItsPlace) {
  const std::string text = alert(
      R"("evt.type":"execve","proc.name":"x","proc.exepath":"/tmp/x","proc.cmdline":"x -o \"a b\"",
         "proc.pid":77,"proc.ppid":1,"proc.cwd":"/tmp","user.name":"root","container.id":"3ad7b26ded6d",
         "container.image.repository":"docker.io/acme/app","container.image.tag":"1.2",
         "k8s.ns.name":"shop","k8s.pod.name":"web-0","evt.time":1772632931123456789)");
  int events = 0;
  testing::decode_stream(text, [&](const event::Event& e, const event::Fields&) {
    ++events;
    EXPECT_EQ(to_rfc3339(e.time), "2026-03-04T14:02:11.123456789Z");
    EXPECT_EQ(e.host, "node-1");
    EXPECT_EQ(e.container, "3ad7b26ded6d");
    EXPECT_EQ(e.image, "docker.io/acme/app:1.2");
    EXPECT_EQ(e.pod, "shop/web-0");
    EXPECT_EQ(e.logsources, 0b011u);
    ASSERT_NE(e.finding, nullptr);
    EXPECT_EQ(e.finding->product, "falco");
    EXPECT_EQ(e.finding->type, "Drop and execute new binary in container");
    EXPECT_EQ(e.finding->title, e.finding->type);
    EXPECT_EQ(e.finding->severity, 90);
    EXPECT_EQ(e.finding->process_path, "/tmp/x");
    ASSERT_NE(e.process, nullptr);
    EXPECT_EQ(e.process->command_line, "x -o \"a b\"");
    EXPECT_EQ(e.process->pid, 77);
    EXPECT_EQ(e.process->parent_pid, 1);
    EXPECT_EQ(e.process->working_directory, "/tmp");
    EXPECT_TRUE(e.process->started);
  });
  EXPECT_EQ(events, 1);
}

TEST(Falco, ReadsTheRemoteOutOfTheTextOfStockRules) {
  const char* const texts[] = {
      "1: Notice text (connection=10.0.0.2:41234->203.0.113.9:3333 lport=41234 rport=3333 "
      "fd_type=ipv4 fd_proto=tcp evt_type=connect user=root process=a command=a -x)",
      "1: Critical text (command=a -o b pid=7 port=3333 ip=203.0.113.9 container=3ad7b26ded6d)",
  };
  for (const char* text : texts) {
    std::string seen;
    testing::decode_stream(alert("", "syscall", text), [&](const event::Event& e,
                                                           const event::Fields&) {
      ASSERT_NE(e.connection, nullptr);
      seen = std::string(e.connection->remote_ip) + "|" + std::to_string(e.connection->remote_port);
    });
    EXPECT_EQ(seen, "203.0.113.9|3333") << text;
  }
}

TEST(Falco, TellsWhoConnectedToWhom) {
  const struct {
    std::string fields;
    const char* want;
  } cases[] = {
      {R"("fd.rip":"203.0.113.9","fd.rport":3333,"evt.type":"connect")", "203.0.113.9|3333||0"},
      {R"("fd.sip":"203.0.113.9","evt.type":"connect","evt.res":"SUCCESS","fd.l4proto":"tcp")",
       "203.0.113.9|0||1"},
      {R"("fd.rip":"203.0.113.9","evt.type":"connect","evt.res":"EINPROGRESS")",
       "203.0.113.9|0||0"},
      {R"("fd.rip":"203.0.113.9","evt.type":"connect","evt.res":"ECONNREFUSED")",
       "203.0.113.9|0||2"},
      {R"("fd.rip":"203.0.113.9","evt.type":"connect","evt.rawres":-111)", "203.0.113.9|0||2"},
      {R"("fd.sip.name":"pool.example.com")", "|0|pool.example.com|0"},
      {R"("fd.name":"10.0.0.2:41234->203.0.113.77:3333")", "203.0.113.77|3333||0"},
      // Another call's success is not the connection's, and UDP connects nothing.
      {R"("fd.rip":"203.0.113.9","evt.type":"sendto","evt.res":"SUCCESS","fd.l4proto":"tcp")",
       "203.0.113.9|0||0"},
      {R"("fd.rip":"203.0.113.9","evt.type":"connect","fd.l4proto":"udp")", ""},
      {R"("fd.rip":"203.0.113.9","evt.type":"sendto","fd.name":"203.0.113.9:51234->10.0.0.2:443")",
       ""},
      {R"("fd.rip":"203.0.113.9","evt.type":"recvfrom","fd.cip":"203.0.113.9")", ""},
      // Somebody else connects to this machine.
      {R"("fd.rip":"203.0.113.9","fd.sip":"10.0.0.2","fd.sport":22)", ""},
      {R"("fd.rip":"203.0.113.9","evt.type":"accept4")", ""},
      {R"("proc.name":"a")", ""},
  };
  for (const auto& c : cases) {
    std::string seen;
    testing::decode_stream(alert(c.fields), [&](const event::Event& e, const event::Fields&) {
      if (e.connection == nullptr) return;
      seen = std::string(e.connection->remote_ip) + "|" +
             std::to_string(e.connection->remote_port) + "|" +
             std::string(e.connection->remote_name) + "|" +
             std::to_string(static_cast<int>(e.connection->outcome));
    });
    EXPECT_EQ(seen, c.want) << c.fields;
  }
}

TEST(Falco, ReadsWhatIsThereAndLeavesTheRestEmpty) {
  const struct {
    const char* what;
    std::string text;
    Seen want;
  } cases[] = {
      {"no fields at all", alert(""), {1, 0b001, "", "", "", "", "", "", "", ""}},
      {"connection by name",
       alert(R"("fd.name":"10.0.0.2:41234->203.0.113.77:3333","proc.name":"a")"),
       {1, 0b111, "", "", "203.0.113.77|3333", "", "", "", "", "0"}},
      {"IPv6 connection by name",
       alert(R"("fd.name":"fd00::2:41234->2001:db8::1:3333")"),
       {1, 0b101, "", "", "2001:db8::1|3333", "", "", "", "", ""}},
      {"remote fields win over the name",
       alert(R"("fd.name":"10.0.0.2:1->10.0.0.3:2","fd.rip":"203.0.113.9","fd.rport":443)"),
       {1, 0b101, "", "", "203.0.113.9|443", "", "", "", "", ""}},
      {"server fields",
       alert(R"("fd.sip":"203.0.113.8","fd.sport":"8080")"),
       {1, 0b101, "", "", "203.0.113.8|8080", "", "", "", "", ""}},
      {"a file is no connection",
       alert(R"("fd.name":"/etc/a->b:1x","proc.name":"a")"),
       {1, 0b011, "", "", "", "", "", "", "", "0"}},
      {"null and not applicable",
       alert(R"("proc.cmdline":null,"proc.name":"<NA>","container.id":"host","k8s.ns.name":"x")"),
       {1, 0b001, "", "", "", "", "", "", "", ""}},
      {"port out of range",
       alert(R"("fd.rip":"203.0.113.9","fd.rport":99999)"),
       {1, 0b101, "", "", "203.0.113.9|0", "", "", "", "", ""}},
      {"argv[0] is a path only with a slash",
       alert(R"("proc.exe":"xmrig")"),
       {1, 0b011, "", "", "", "", "", "", "", "0"}},
      {"other sources are no Linux processes",
       alert(R"("proc.name":"a","gcp.user":"u")", "gcp_auditlog"),
       {1, 0b001, "", "", "", "", "", "", "", ""}},
      {"output text instead of fields",
       alert("", "syscall",
             "1: Critical text (user=root command=app --url=a:1 -p x=y proc_exepath=/tmp/app "
             "container_id=3ad7b26ded6d image=acme/app k8s.ns=shop k8s.pod=web-0)"),
       {1, 0b011, "/tmp/app", "app --url=a:1 -p x=y", "", "shop/web-0", "acme/app", "3ad7b26ded6d",
        "root", "0"}},
  };
  for (const auto& c : cases) {
    const Seen seen = decode(c.text);
    EXPECT_EQ(seen.events, 1) << c.what;
    EXPECT_EQ(seen.logsources, c.want.logsources) << c.what;
    EXPECT_EQ(seen.path, c.want.path) << c.what;
    EXPECT_EQ(seen.command_line, c.want.command_line) << c.what;
    EXPECT_EQ(seen.remote, c.want.remote) << c.what;
    EXPECT_EQ(seen.pod, c.want.pod) << c.what;
    EXPECT_EQ(seen.image, c.want.image) << c.what;
    EXPECT_EQ(seen.container, c.want.container) << c.what;
    EXPECT_EQ(seen.user, c.want.user) << c.what;
    EXPECT_EQ(seen.pid, c.want.pid) << c.what;
  }
}

TEST(Falco, RanksEveryPriority) {
  const std::pair<const char*, double> cases[] = {
      {"Emergency", 100},    {"Alert", 95},   {"Critical", 90},
      {"Error", 75},         {"Warning", 50}, {"notice", 35},
      {"INFORMATIONAL", 20}, {"Debug", 5},    {"Unheard of", 0}};
  for (const auto& [priority, severity] : cases) {
    const std::string text =
        R"({"rule":"r","output":"","time":"2026-03-04T14:02:11Z","priority":")" +
        std::string(priority) + R"("})";
    double seen = -1;
    testing::decode_stream(
        text, [&](const event::Event& e, const event::Fields&) { seen = e.finding->severity; });
    EXPECT_EQ(seen, severity) << priority;
  }
}

TEST(Falco, SkipsItsOwnMessagesAndRejectsWhatHasNoTime) {
  const auto decoded = testing::decode_stream(
      R"({"rule":"Falco internal: syscall event drop","priority":"Debug","time":"2026-03-04T14:02:11Z","output":"x"}
         {"rule":"r","priority":"Debug","time":"noon","output":"x"})",
      [](const event::Event&, const event::Fields&) { FAIL() << "nothing here is an event"; });
  EXPECT_EQ(decoded.skipped,
            (std::vector<std::string>{"Falco internal message: events were lost"}));
  EXPECT_EQ(decoded.rejected, (std::vector<std::string>{"time is missing or not a time"}));
}

TEST(Falco, NamesFieldsTheWaySigmaDoes) {
  const struct {
    const char* name;
    std::vector<std::string> paths;
  } cases[] = {
      {"Image", {"output_fields.proc.exepath", "output_fields.proc.exe"}},
      {"CommandLine", {"output_fields.proc.cmdline"}},
      {"User", {"output_fields.user.name"}},
      {"DestinationIp", {"output_fields.fd.rip", "output_fields.fd.sip"}},
      {"DestinationHostname", {"output_fields.fd.sip.name"}},
      {"output_fields.proc.tty", {"output_fields.proc.tty"}},
  };
  for (const auto& c : cases) {
    std::vector<std::string> paths;
    kFalco.resolve_field(c.name, paths);
    EXPECT_EQ(paths, c.paths) << c.name;
  }
}

}  // namespace
}  // namespace davy::decode
