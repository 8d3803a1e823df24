// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/test_events.h"

#include <algorithm>

#include <fmt/format.h>

#include "davy/impact/price_table.h"
#include "davy/summary/entity_links.h"

namespace davy::detect::testing {
namespace {

event::Event event_at(Time time, const std::string& identity) {
  event::Event event;
  event.time = event.end = time;
  event.account = "111122223333";
  event.key = hash128(fmt::format("{} {}", time.ns, identity));
  return event;
}

}  // namespace

Record record_of(Launch launch) {
  return [launch = std::move(launch)](const EventSink& sink) {
    const std::string identity =
        fmt::format("{} {} {} {} {} {} {}", launch.type, launch.region, launch.requested,
                    launch.failed, launch.dry_run, launch.principal, launch.id);
    const std::string record_id = to_hex(hash64(fmt::format("{} {}", launch.time.ns, identity)));
    std::vector<std::string> names;
    if (!launch.failed && !launch.dry_run) {
      for (uint32_t i = 0; i < std::min(launch.requested, 100u); ++i)
        names.push_back(fmt::format("i-{}-{}", record_id, i));
    }
    const std::vector<std::string_view> ids(names.begin(), names.end());
    event::Event event = event_at(launch.time, identity);
    event::ApiCall call;
    call.service = "ec2.amazonaws.com";
    call.operation = "RunInstances";
    call.failed = launch.failed || launch.dry_run;
    call.dry_run = launch.dry_run;
    call.instance_ids = ids;
    call.launch = event::Launch{};
    call.launch->instance_type = launch.type;
    call.launch->requested = launch.requested;
    call.launch->instance_ids = ids;
    event.region = launch.region;
    event.record_id = record_id;
    event.actor.type = launch.type_of_identity;
    event.actor.arn = launch.principal;
    event.actor.issuer_arn = launch.role;
    event.actor.access_key = "AKIAIOSFODNN7EXAMPLE";
    event.actor.source_ip = launch.source_ip;
    event.actor.source_service = launch.source_service;
    event.api = &call;
    sink(event);
  };
}

Record record_of(Login login) {
  return [login = std::move(login)](const EventSink& sink) {
    event::Event event =
        event_at(login.time, fmt::format("{} {} {} {} {}", login.address, login.user, login.host,
                                         login.succeeded, login.container));
    event::HostChange change;
    change.what =
        login.succeeded ? event::HostChange::What::kLogin : event::HostChange::What::kLoginFailed;
    change.subject = login.user;
    change.source_ip = login.address;
    event.host = login.host;
    event.image = login.container;
    event.host_change = &change;
    sink(event);
  };
}

Record record_of(ProcessSeen seen) {
  return [seen = std::move(seen)](const EventSink& sink) {
    event::Event event = event_at(seen.time, fmt::format("{} {} {} {} {}", seen.path, seen.name,
                                                         seen.command_line, seen.host, seen.user));
    event::Process process;
    process.path = seen.path;
    process.name = seen.name;
    process.command_line = seen.command_line;
    process.user = seen.user;
    process.cpu_percent = seen.cpu_percent;
    process.cpu_time = seen.cpu_time;
    process.resident_bytes = seen.resident_bytes;
    event.host = seen.host;
    event.process = &process;
    sink(event);
  };
}

Record record_of(Query query) {
  return [query = std::move(query)](const EventSink& sink) {
    event::Event event = event_at(
        query.time, fmt::format("{} {} {} {}", query.name, query.instance, query.id, query.rcode));
    event::DnsQuery dns;
    dns.name = query.name;
    dns.type = query.type;
    dns.client_ip = "10.0.0.5";
    dns.blocked = query.blocked;
    dns.rcode = query.rcode;
    event.instance = query.instance;
    event.dns = &dns;
    sink(event);
  };
}

Record record_of(Connected connected) {
  return [connected = std::move(connected)](const EventSink& sink) {
    event::Event event =
        event_at(connected.time, fmt::format("{} {} {} {} {}", connected.ip, connected.port,
                                             connected.program, connected.name, connected.host));
    event::Process process;
    process.path = connected.program;
    event::Connection connection{connected.ip, connected.name, connected.port, connected.outcome};
    event.host = connected.host;
    event.process = &process;
    event.connection = &connection;
    sink(event);
  };
}

Record record_of(VendorReport report) {
  return [report = std::move(report)](const EventSink& sink) {
    event::Event event = event_at(
        report.time,
        fmt::format("{} {} {} {}", report.type, report.severity, report.archived, report.id));
    event::Finding finding;
    finding.product = "guardduty";
    finding.type = report.type;
    finding.severity = report.severity;
    finding.reported = report.reported;
    finding.archived = report.archived;
    event.instance = "i-0a1b2c3d";
    event.finding = &finding;
    sink(event);
  };
}

const intel::Intel& test_intel() {
  static const intel::Intel kIntel = [] {
    const std::vector<std::pair<std::string, std::string>> files = {
        {"test.csv",
         "kind,value,family,confidence,source,date\n"
         "domain,supportxmr.com,supportxmr,high,test,2026-11-01\n"
         "domain,hashvault.pro,hashvault,high,test,2026-11-01\n"
         "domain,donate.v2.example.org,xmrig,high,test,2026-11-01\n"
         "shared-range,104.16.0.0/13,Cloudflare,,test,2026-11-01\n"
         "ip,198.51.100.7,pool,high,test,2026-11-01\n"
         "process-name,xmrig,xmrig,high,test,2026-11-01\n"
         "port,3333,,low,test,2026-11-01\n"
         "path,/tmp/.systemd/,,high,test,2026-11-01\n"
         "path,/dev/shm/,,low,test,2026-11-01\n"}};
    Diagnostics diagnostics;
    return intel::Intel::load(files, diagnostics);
  }();
  return kIntel;
}

const impact::PriceTable& test_prices() {
  static const impact::PriceTable kPrices = [] {
    Diagnostics diagnostics;
    return impact::PriceTable::load(
        "type,vcpus,gpus,memory_gib,usd_per_hour_us_east_1\nc5.large,2,0,4,0.1\n"
        "c5.4xlarge,16,0,32,0.68\n"
        "p3.2xlarge,8,1,61,3\np3.16xlarge,64,8,488,24\n",
        "region,factor\n",
        "item,unit,usd,note\nfargate_vcpu,hour,0.04,\nfargate_memory,gib_hour,0.004,\n",
        diagnostics);
  }();
  return kPrices;
}

std::vector<Detection> Judged::of(std::string_view detector) const {
  std::vector<Detection> found;
  for (const Detection& detection : detections) {
    if (detection.detector == detector) found.push_back(detection);
  }
  return found;
}

Judged judge(const Detector& detector) {
  const summary::EntityLinks links;
  Judged judged;
  detector.judge({test_intel(), links, test_prices(), judged.notes}, judged.detections);
  return judged;
}

Judged judge(Detector& detector, const std::vector<Record>& records) {
  for (const Record& record : records)
    record([&](const event::Event& event) { detector.observe(event); });
  return judge(detector);
}

std::string text_of(const Detection& d) {
  std::string text = fmt::format("{} {} | {} | {} | {} {} {} {} {} | {}-{} x {}", d.id, d.detector,
                                 d.title, d.detail, static_cast<int>(d.level), d.confidence,
                                 d.weight, static_cast<int>(d.claim), static_cast<int>(d.stage),
                                 d.time.ns, d.end_time.ns, d.count);
  for (const event::Entity& entity : d.entities)
    text += fmt::format("\n  {} {}", event::entity_type_name(entity.type), entity.id);
  for (const Indicator& indicator : d.indicators)
    text += fmt::format("\n  {} {}", indicator_type_name(indicator.type), indicator.value);
  for (const Evidence& evidence : d.evidence)
    text += fmt::format("\n  {} {}", evidence.record_id, evidence.time.ns);
  for (const auto& [name, value] : d.measures)
    text += fmt::format("\n  {} {}", name, value);
  return text + "\n";
}

}  // namespace davy::detect::testing
