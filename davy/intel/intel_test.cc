// SPDX-License-Identifier: Apache-2.0
#include "davy/intel/intel.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "davy/intel/address.h"
#include "davy/intel/address_index.h"
#include "davy/intel/domain.h"

namespace davy::intel {
namespace {

using Files = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view kHeader = "kind,value,family,confidence,source,date\n";

Intel load(std::string_view rows, Diagnostics& diagnostics) {
  const Files files = {{"t.csv", std::string(kHeader) + std::string(rows)}};
  return Intel::load(files, diagnostics);
}

/// The codes of the findings, joined with spaces.
std::string codes(std::string_view rows) {
  Diagnostics diagnostics;
  load(rows, diagnostics);
  std::string all;
  for (const auto& d : diagnostics)
    all += (all.empty() ? "" : " ") + d.code;
  return all;
}

Files shipped_files() {
  Files files;
  for (const auto& item :
       std::filesystem::directory_iterator(DAVY_SOURCE_DIR "/content/indicators")) {
    if (item.path().extension() != ".csv") continue;
    std::stringstream text;
    text << std::ifstream(item.path()).rdbuf();
    files.emplace_back(item.path().filename().string(), text.str());
  }
  return files;
}

const Intel& shipped() {
  static const Intel intel = [] {
    Diagnostics diagnostics;
    return Intel::load(shipped_files(), diagnostics);
  }();
  return intel;
}

std::string value_of(const IndicatorEntry* entry) {
  return entry == nullptr ? "" : entry->value;
}

// ---- the shipped files

TEST(ShippedIndicators, LintCleanAndSorted) {
  Diagnostics diagnostics;
  const auto files = shipped_files();
  const Intel intel = Intel::load(files, diagnostics);
  for (const auto& d : diagnostics)
    ADD_FAILURE() << to_text(d);
  EXPECT_GT(intel.entries().size(), 1000u);
  EXPECT_GE(files.size(), 6u);
}

TEST(ShippedIndicators, NinePoolsAndOneLookAlike) {
  for (const auto name : {"mining-pool.com", "xmr-usa.dwarfpool.com", "pool.supportxmr.com",
                          "gulf.moneroocean.stream", "pool.hashvault.pro", "auto.c3pool.org",
                          "xmr.2miners.com", "rx.unmineable.com", "eu.zano.k1pool.com",
                          "crypto.usa-west.pool", "donate.v2.xmrig.com", "mine.zpool.ca"}) {
    ASSERT_NE(shipped().find_domain(name), nullptr) << name;
    EXPECT_EQ(shipped().find_domain(name)->confidence, "high") << name;
  }
  for (const auto name : {"notmoneropool.ru", "notsupportxmr.com", "supportxmr.com.example.org",
                          "pool.supportxmr.community", "zpool.cache", "github.com", "adminer.com",
                          "update.aegis.aliyun.com", "com", ""}) {
    EXPECT_EQ(shipped().find_domain(name), nullptr) << name;
  }
}

TEST(ShippedIndicators, Seeds) {
  EXPECT_EQ(value_of(shipped().find_ip("185.143.221.89")), "185.143.221.89");
  for (const uint16_t port : std::initializer_list<uint16_t>{3333, 4444, 5555, 7777, 8333, 8888,
                                                             9999, 14433, 14444, 45700}) {
    ASSERT_NE(shipped().find_port(port), nullptr) << port;
    EXPECT_EQ(shipped().find_port(port)->confidence, "low") << port;
  }
  for (const uint16_t port : std::initializer_list<uint16_t>{0, 22, 25, 80, 443, 8080}) {
    EXPECT_EQ(shipped().find_port(port), nullptr) << port;
  }
  EXPECT_EQ(value_of(shipped().find_path("/tmp/.ICE-unix/kworker")), "/tmp/.ICE-unix/kworker");
  EXPECT_EQ(value_of(shipped().find_path("/tmp/.systemd/systemd-update")),
            "/tmp/.systemd/systemd-update");
}

// ---- look-ups

TEST(FindDomain, LabelsCaseAndTrailingDot) {
  Diagnostics diagnostics;
  const Intel intel = load(
      "domain,Pool.Example,p,high,s,2026-01-01\n"
      "domain,eu.pool.example,p,medium,s,2026-01-01\n"
      "domain,zpool.ca,zpool,high,s,2026-01-01\n",
      diagnostics);
  const auto found = [&](std::string_view name) { return value_of(intel.find_domain(name)); };
  EXPECT_EQ(found("pool.example"), "pool.example");
  EXPECT_EQ(found("POOL.EXAMPLE."), "pool.example");
  EXPECT_EQ(found("a.b.pool.example"), "pool.example");
  EXPECT_EQ(found("x.eu.pool.example."), "eu.pool.example");
  EXPECT_EQ(found("zpool.cache"), "");
  EXPECT_EQ(found("notpool.example"), "");
  EXPECT_EQ(found("pool.example.org"), "");
  EXPECT_EQ(found("pool.example.."), "");
  EXPECT_EQ(found("example"), "");
  EXPECT_EQ(found("."), "");
  EXPECT_EQ(found(std::string(5000, 'a') + ".pool.example"), "");
}

TEST(FindIp, NarrowestBlockOutsideSharedRanges) {
  Diagnostics diagnostics;
  const Intel intel = load(
      "ip,185.143.0.0/16,wide,low,s,2026-01-01\n"
      "ip,185.143.221[.]89,one,high,s,2026-01-01\n"
      "ip,185.143.221.0/24,block,medium,s,2026-01-01\n"
      "ip,2a0e:1::/48,six,medium,s,2026-01-01\n"
      "shared-range,185.143.7.0/24,CDN,high,s,2026-01-01\n"
      "ip-port,185.143.8.8:3333,p,high,s,2026-01-01\n"
      "ip-port,[2a0e:2::1]:3333,p,high,s,2026-01-01\n",
      diagnostics);
  EXPECT_TRUE(diagnostics.empty());
  const auto family = [&](std::string_view ip) {
    const auto* entry = intel.find_ip(ip);
    return entry == nullptr ? std::string() : entry->family;
  };
  EXPECT_EQ(family("185.143.221.89"), "one");
  EXPECT_EQ(family("::ffff:185.143.221.89"), "one");
  EXPECT_EQ(family("185.143.221.88"), "block");
  EXPECT_EQ(family("185.143.221.255"), "block");
  EXPECT_EQ(family("185.143.222.0"), "wide");
  EXPECT_EQ(family("185.143.7.1"), "");
  EXPECT_EQ(family("185.143.8.0"), "wide");
  EXPECT_EQ(family("185.142.255.255"), "");
  EXPECT_EQ(family("185.144.0.0"), "");
  EXPECT_EQ(family("2a0e:1::77"), "six");
  EXPECT_EQ(family("2a0e:1:1::"), "");
  for (const auto bad : {"", "185.143.221", "185.143.221.089", "185.143.221.256", "1.2.3.4.5", "x",
                         "185.143.221.89 ", ":::", "::ffff:1.2.3"}) {
    EXPECT_EQ(family(bad), "") << bad;
  }
  EXPECT_NE(intel.find_ip_port("185.143.8.8", 3333), nullptr);
  EXPECT_NE(intel.find_ip_port("2a0e:2:0::1", 3333), nullptr);
  EXPECT_EQ(intel.find_ip_port("185.143.8.8", 3334), nullptr);
  EXPECT_EQ(intel.find_ip_port("185.143.8.9", 3333), nullptr);
}

TEST(AddressIndex, AgreesWithALinearSearch) {
  EXPECT_TRUE(rc::check("the narrowest of nested blocks wins", [] {
    const auto count = *rc::gen::inRange(0, 30);
    std::vector<AddressIndex::Block> blocks;
    for (int i = 0; i < count; ++i) {
      // Few distinct addresses and lengths, so that blocks nest often.
      const auto ip = std::to_string(*rc::gen::element(0, 10, 255)) + "." +
                      std::to_string(*rc::gen::inRange(0, 3)) + "." +
                      std::to_string(*rc::gen::element(0, 128, 255)) + ".255";
      const auto range = *parse_range(ip + "/" + std::to_string(*rc::gen::inRange(0, 33)));
      const bool repeated = std::any_of(blocks.begin(), blocks.end(), [&](const auto& b) {
        return b.range.first == range.first && b.range.last == range.last;
      });
      if (!repeated) blocks.push_back({range, i % 5 == 0 ? AddressIndex::kNone : i});
    }
    const AddressIndex index(blocks);
    for (int probe = 0; probe < 30; ++probe) {
      const auto ip = std::to_string(*rc::gen::element(0, 1, 10, 128, 255)) + "." +
                      std::to_string(*rc::gen::inRange(0, 4)) + "." +
                      std::to_string(*rc::gen::element(0, 127, 128, 255)) + "." +
                      std::to_string(*rc::gen::element(0, 254, 255));
      const Address address = *parse_address(ip);
      int32_t expected = AddressIndex::kNone;
      int longest = -1;
      for (const auto& block : blocks) {
        if (!block.range.contains({address, address})) continue;
        if (block.range.prefix_length <= longest) continue;
        longest = block.range.prefix_length;
        expected = block.value;
      }
      RC_ASSERT(index.find(ip) == expected);
    }
  }));
}

TEST(FindNames, FileNamesAndVersions) {
  for (const auto name : {"xmrig", "XMRig", "xmrig.exe", "/opt/xmrig", "xmrig-6.21.0",
                          "xmrig-v6.21.0-linux-static-x64", "lolMiner_v1.98a", "SRBMiner-MULTI",
                          "SRBMiner-Multi-2-4-4", "xmr-stak", "kdevtmpfsi"}) {
    EXPECT_NE(shipped().find_process_name(name), nullptr) << name;
  }
  for (const auto name : {"xmrig-benchmark", "xmrig.conf", "notxmrig", "xmrig-exporter", "node", "",
                          "kworker", "python3", "x"}) {
    EXPECT_EQ(shipped().find_process_name(name), nullptr) << name;
  }
}

TEST(FindPath, ExactOrFolder) {
  Diagnostics diagnostics;
  const Intel intel = load(
      "path,/tmp/.x/,,high,s,2026-01-01\npath,/tmp/m,,high,s,2026-01-01\n"
      "path,/tmp/.x/y/,,high,s,2026-01-01\n",
      diagnostics);
  const auto found = [&](std::string_view path) { return value_of(intel.find_path(path)); };
  EXPECT_EQ(found("/tmp/m"), "/tmp/m");
  EXPECT_EQ(found("/tmp/m (deleted)"), "/tmp/m");
  EXPECT_EQ(found("/tmp/m2"), "");
  EXPECT_EQ(found("/tmp/m/x"), "");
  EXPECT_EQ(found("/tmp/.x/a/b"), "/tmp/.x/");
  EXPECT_EQ(found("/tmp/.x/y/b"), "/tmp/.x/y/");
  EXPECT_EQ(found("/tmp/.X/a"), "");
  EXPECT_EQ(found("/tmp/.x"), "");
  EXPECT_EQ(found(""), "");
  EXPECT_EQ(found("/"), "");
}

TEST(FindImage, AnySpellingOfTheRepository) {
  for (const auto image :
       {"yenik65958/secret:user", "docker.io/yenik65958/secret", "docker://yenik65958/secret:user",
        "index.docker.io/yenik65958/secret@sha256:"
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "Yenik65958/Secret", "ghcr.io/anyone/xmrig:6", "localhost:5000/xmrig:latest"}) {
    EXPECT_NE(shipped().find_image(image), nullptr) << image;
  }
  for (const auto image : {"nginx", "yenik65958/secrets", "xyenik65958/secret", "",
                           "me/xmrig-exporter", "yenik65958", "docker.io/library/nginx:1.27"}) {
    EXPECT_EQ(shipped().find_image(image), nullptr) << image;
  }
}

TEST(FindHashAndWallet, Exact) {
  Diagnostics diagnostics;
  const std::string hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  const Intel intel = load("sha256," + hash + ",x,high,s,2026-01-01\n", diagnostics);
  std::string upper = hash;
  std::transform(upper.begin(), upper.end(), upper.begin(), [](char c) {
    return static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  });
  EXPECT_NE(intel.find_sha256(upper), nullptr);
  EXPECT_EQ(intel.find_sha256(hash.substr(1)), nullptr);
  EXPECT_EQ(intel.find_sha256(std::string(64, '0')), nullptr);

  const auto* wallet = shipped().find_wallet(
      "43Lfq18TycJHVR3AMews5C9f6SEfenZoQMcrsEeFXZTWcFW9jW7VeCySDm1L9n4d2JEoHjcDpWZFq6QzqN4QGHYZVaAL"
      "j3"
      "U");
  ASSERT_NE(wallet, nullptr);
  EXPECT_EQ(wallet->family, "SCARLETEEL");
}

// ---- lint

TEST(Lint, OneCodePerMistake) {
  struct Case {
    std::string_view rows;
    std::string_view codes;
  };
  constexpr std::string_view kGuards =
      "shared-range,104.16.0.0/13,CDN,high,s,2026-01-01\n"
      "public-suffix,webhop.net,dns,high,s,2026-01-01\n"
      "example-wallet,1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa,x,high,s,2026-01-01\n";
  constexpr Case kCases[] = {
      {"domain,a.example,p,high,s,2026-01-01\n# comment\n\n", ""},
      {"domain,a.example,p,high,s\n", "DVY-I001"},
      {"domains,a.example,p,high,s,2026-01-01\n", "DVY-I002"},
      {"domain,a_b-.example,p,high,s,2026-01-01\n", "DVY-I003"},
      {"domain,localhost,p,high,s,2026-01-01\n", "DVY-I003"},
      {"domain,1.2.3.4,p,high,s,2026-01-01\n", "DVY-I003"},
      {"ip,185.143.221.300,p,high,s,2026-01-01\n", "DVY-I003"},
      {"port,70000,p,low,s,2026-01-01\n", "DVY-I003"},
      {"sha256,a1b2c3d4,p,high,s,2026-01-01\n", "DVY-I003"},
      {"domain,pangolinminer.comgandalph3000.com,p,high,s,2026-01-01\n", "DVY-I004"},
      {"domain,pool.company.example,p,high,s,2026-01-01\n", ""},
      {"domain,webhop.net,p,high,s,2026-01-01\n", "DVY-I005"},
      {"domain,evil.webhop.net,p,high,s,2026-01-01\n", ""},
      {"process-name,python3,p,high,s,2026-01-01\n", "DVY-I005"},
      {"path,/tmp/,p,high,s,2026-01-01\n", "DVY-I005"},
      {"ip,185.0.0.0/8,p,high,s,2026-01-01\n", "DVY-I006"},
      {"ip,2a00::/16,p,high,s,2026-01-01\n", "DVY-I006"},
      {"ip,10.1.2.3,p,high,s,2026-01-01\n", "DVY-I007"},
      {"ip,127.0.0.1,p,high,s,2026-01-01\n", "DVY-I007"},
      {"ip,fe80::1,p,high,s,2026-01-01\n", "DVY-I007"},
      {"ip-port,192.168.1.1:3333,p,high,s,2026-01-01\n", "DVY-I007"},
      {"ip,104.17.1.1,p,high,s,2026-01-01\n", "DVY-I008"},
      {"ip-port,104.17.1.1:3333,p,high,s,2026-01-01\n", "DVY-I008"},
      {"domain,a.example,p,high,,2026-01-01\n", "DVY-I009"},
      {"domain,a.example,p,high,s,2026-13-01\n", "DVY-I009"},
      {"domain,a.example,p,high,s,\n", "DVY-I009"},
      {"domain,a.example,p,sure,s,2026-01-01\n", "DVY-I010"},
      {"domain,a.example,p,high,s,2026-01-01\ndomain,A.example.,p,high,s,2026-01-01\n", "DVY-I011"},
      {"domain,a.example,p,high,s,2026-01-01\ndomain,a.example,q,high,s,2026-01-01\n", "DVY-I012"},
      {"port,8080,p,medium,s,2026-01-01\n", "DVY-I013"},
      {"port,25,p,high,s,2026-01-01\n", "DVY-I013"},
      {"port,8080,p,low,s,2026-01-01\n", ""},
      {"domain,a.example,p,high,s,2026-01-01\ndomain,b.a.example,p,low,s,2026-01-01\n", "DVY-I014"},
      {"domain,a.example,p,low,s,2026-01-01\ndomain,b.a.example,p,high,s,2026-01-01\n", ""},
      {"wallet,1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb,p,high,s,2026-01-01\n", "DVY-I015"},
      {"wallet,1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa,p,high,s,2026-01-01\n", "DVY-I017"},
      {"ip,203.0.113.9,p,high,s,2026-01-01\n", "DVY-I018"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(codes(std::string(kGuards) + std::string(c.rows)), c.codes) << c.rows;
  }
  Diagnostics diagnostics;
  const Files headless = {{"h.csv", "domain,a.example,p,high,s,2026-01-01\n"}};
  const Intel intel = Intel::load(headless, diagnostics);
  ASSERT_EQ(diagnostics.size(), 1u);
  EXPECT_EQ(to_text(diagnostics[0]).substr(0, 25), "h.csv:1: error DVY-I016: ");
  EXPECT_NE(intel.find_domain("a.example"), nullptr);
}

TEST(Lint, RefusedRowsAreNotUsed) {
  Diagnostics diagnostics;
  const Intel intel = load(
      "shared-range,104.16.0.0/13,CDN,high,s,2026-01-01\n"
      "ip,104.17.1.1,p,high,s,2026-01-01\nport,8080,p,high,s,2026-01-01\n",
      diagnostics);
  EXPECT_TRUE(intel.entries().empty());
  EXPECT_EQ(intel.find_ip("104.17.1.1"), nullptr);
  EXPECT_EQ(intel.find_port(8080), nullptr);
}

TEST(Lint, DoesNotDependOnOrder) {
  const std::vector<std::string> rows = {
      "domain,a.example,p,low,s,2026-01-01\n", "domain,a.example,q,high,s,2026-01-01\n",
      "domain,a.example,r,high,s,2026-02-01\n", "ip,185.143.221.89,x,low,s,2026-01-01\n",
      "ip,185.143.221.0/24,y,low,s,2026-01-01\n"};
  EXPECT_TRUE(rc::check("any order of rows and files gives the same entries", [&] {
    const auto order = *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(rows));
    Files one_each;
    std::vector<std::string> shuffled = rows;
    for (const auto& row : order) {
      std::rotate(shuffled.begin(), std::find(shuffled.begin(), shuffled.end(), row),
                  shuffled.end());
    }
    for (const auto& row : shuffled)
      one_each.emplace_back("f", std::string(kHeader) + row);
    Diagnostics diagnostics;
    const Intel intel = Intel::load(one_each, diagnostics);
    RC_ASSERT(intel.entries().size() == 3u);
    RC_ASSERT(intel.find_domain("a.example")->family == "r");
    RC_ASSERT(intel.find_ip("185.143.221.89")->family == "x");
    RC_ASSERT(diagnostics.size() == 2u);
  }));
}

}  // namespace
}  // namespace davy::intel
