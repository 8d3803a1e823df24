// SPDX-License-Identifier: Apache-2.0
// How fast VPC flow log text goes through: finding line ends, decoding, decoding and summarising.
// One core. Lines are made in memory with the locality of a real log: a few hundred interfaces,
// each talking to a few dozen services, a window at a time, both directions.
//
//   vpc_flow_bench [millions of lines, default 2]

#include <chrono>
#include <cstddef>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/decode/vpc_flow.h"
#include "davy/detect/network/flow_judge.h"

namespace davy {
namespace {

constexpr unsigned kInterfaces = 300;
constexpr unsigned kServices = 24;
constexpr int64_t kStart = 1'794'787'200;

struct Service {
  std::string ip;
  unsigned local_port, remote_port;
  unsigned packets, bytes_a_packet;
};

struct Host {
  std::string interface, ip;
  std::vector<Service> services;
};

std::vector<Host> make_hosts(std::mt19937& random) {
  std::vector<Host> hosts;
  for (unsigned h = 0; h < kInterfaces; ++h) {
    Host host{fmt::format("eni-{:08x}{:09x}", random(), h),
              fmt::format("10.{}.{}.{}", h % 3, h / 200, h % 200 + 4),
              {}};
    for (unsigned s = 0; s < kServices; ++s) {
      const auto pick = static_cast<unsigned>(random());
      // A third stays inside the network; a third of the rest comes in from clients.
      const std::string ip =
          s % 3 == 0 ? fmt::format("10.{}.{}.{}", pick % 3, pick >> 8 & 1, pick >> 16 & 127)
                     : fmt::format("{}.{}.{}.{}", 11 + pick % 90, pick >> 8 & 255, pick >> 16 & 255,
                                   pick >> 24);
      const bool serves = s % 3 == 1;
      const unsigned port = s % 2 == 0 ? 443 : 8000 + pick % 1000;
      const unsigned ephemeral = 32768 + pick % 28000;
      host.services.push_back({ip, serves ? port : ephemeral, serves ? ephemeral : port,
                               1 + pick % 40, 60 + pick % 1200});
    }
    hosts.push_back(std::move(host));
  }
  return hosts;
}

std::string make_text(size_t lines) {
  std::mt19937 random(42);
  const std::vector<Host> hosts = make_hosts(random);
  std::string text;
  text.reserve(lines * 125);
  size_t made = 0;
  for (int64_t minute = 0; made < lines; ++minute) {
    for (const Host& host : hosts) {
      for (const Service& s : host.services) {
        const auto jitter = static_cast<unsigned>(random() % 20);
        const unsigned packets = s.packets + jitter;
        const int64_t start = kStart + minute * 60 + jitter;
        fmt::format_to(std::back_inserter(text),
                       "2 123456789012 {0} {1} {2} {3} {4} 6 {5} {6} {7} {8} ACCEPT OK\n"
                       "2 123456789012 {0} {2} {1} {4} {3} 6 {5} {6} {7} {8} ACCEPT OK\n",
                       host.interface, host.ip, s.ip, s.local_port, s.remote_port, packets,
                       packets * s.bytes_a_packet, start, start + 40);
        made += 2;
      }
    }
  }
  return text;
}

template <typename OnLine>
double megabytes_per_second(std::string_view text, OnLine&& on_line) {
  const auto begin = std::chrono::steady_clock::now();
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    const void* const hit = std::memchr(at, '\n', static_cast<size_t>(end - at));
    const char* const line_end = hit == nullptr ? end : static_cast<const char*>(hit);
    on_line(std::string_view(at, static_cast<size_t>(line_end - at)));
    at = line_end + 1;
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  return static_cast<double>(text.size()) / 1e6 / seconds.count();
}

struct CountingSink : decode::Sink {
  uint64_t bytes = 0;
  void emit(const event::Event& event, const event::Fields&) override {
    bytes += event.flow->bytes;
  }
};

struct SummarySink : decode::Sink {
  explicit SummarySink(detect::FlowSummary& s) : summary(s) {}
  detect::FlowSummary& summary;
  void emit(const event::Event& event, const event::Fields&) override { summary.observe(event); }
};

int run(size_t lines) {
  const std::string padded = make_text(lines) + std::string(decode::RawRecord::kPadding, '\0');
  const std::string_view text(padded.data(), padded.size() - decode::RawRecord::kPadding);
  fmt::print("{} of text, {:.0f} bytes a line\n", human_bytes(text.size()),
             static_cast<double>(text.size()) / static_cast<double>(lines));

  uint64_t sizes = 0;
  const double split =
      megabytes_per_second(text, [&](std::string_view line) { sizes += line.size(); });

  const event::Schema schema;
  const auto decoder = decode::kVpcFlow.make_decoder(schema);
  alignas(std::max_align_t) char place[1];  // line formats leave the workbench alone
  auto& bench = reinterpret_cast<decode::Workbench&>(place);
  const auto through = [&](decode::Sink& sink) {
    return megabytes_per_second(
        text, [&](std::string_view line) { decoder->decode({line, 0, nullptr}, bench, sink); });
  };
  CountingSink counter;
  const double decode = through(counter);

  detect::FlowInterest interest;
  interest.mining_ports.set(3333);
  interest.known_address = [](std::string_view ip, uint16_t) { return ip == "198.51.100.7"; };
  detect::FlowSummary summary(interest);
  SummarySink summarise(summary);
  const double both = through(summarise);

  const double record_ns = static_cast<double>(text.size()) / static_cast<double>(lines) * 1e3;
  fmt::print("line split        {:8.0f} MB/s\n", split);
  fmt::print("decode            {:8.0f} MB/s  {:5.0f} ns a record\n", decode, record_ns / decode);
  fmt::print("decode + observe  {:8.0f} MB/s  {:5.0f} ns a record, {:.0f} of them observe\n", both,
             record_ns / both, record_ns / both - record_ns / decode);
  fmt::print("decode is {:.0f} % of split, decode + observe {:.0f} % of decode\n",
             100 * decode / split, 100 * both / decode);
  fmt::print("{} flow cells, {} egress cells (checksums {} {})\n", summary.flow_cells().size(),
             summary.egress_cells().size(), sizes, counter.bytes);
  return 0;
}

}  // namespace
}  // namespace davy

int main(int argc, char** argv) {
  const auto millions = argc > 1 ? davy::parse_number(argv[1]) : 2.0;
  if (!millions || *millions <= 0 || *millions > 100) {
    fmt::print(stderr, "usage: vpc_flow_bench [millions of lines, up to 100]\n");
    return 2;
  }
  return davy::run(static_cast<size_t>(*millions * 1e6));
}
