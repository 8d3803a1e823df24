// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/unread.h"

#include <gtest/gtest.h>

#include "davy/decode/testing.h"

namespace davy::decode {
namespace {

std::string why_rejected(std::string_view text) {
  const auto decoded = testing::decode_stream(
      text, [](const event::Event&, const event::Fields&) { ADD_FAILURE() << "read"; });
  return decoded.rejected.size() == 1 ? decoded.rejected[0] : "";
}

TEST(Unread, FormatsKnownBySightAreNamed) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"SchemaVersion":"2018-10-08","Id":"i","ProductArn":"arn:p"})", "Security Hub finding"},
      {R"({"anomalyId":"a","impact":{}})", "AWS cost anomaly"},
      {R"({"ResultsByTime":[]})", "Cost Explorer"},
      {R"({"family":"web","containerDefinitions":[]})", "ECS task definition"},
      {R"({"name":"q","hostIdentifier":"h","calendarTime":"c","columns":{}})", "osquery"},
      {R"({"process_exec":{},"time":"2024-03-04T12:00:00Z"})", "Tetragon"},
      {R"({"kind":"Event","apiVersion":"audit.k8s.io/v1","verb":"get"})", "Kubernetes audit"},
      {R"({"category":"kube-audit-admin","properties":{"log":"{}"}})", "Kubernetes audit"},
      {R"({"eventType":"com.oraclecloud.cloudguard.problemdetected","cloudEventsVersion":"0.1"})",
       "OCI Cloud Guard"},
      {R"({"eventType":"com.oraclecloud.computeapi.x","cloudEventsVersion":"0.1"})", "OCI audit"},
      {R"({"logContent":{"type":"com.oraclecloud.vcn.flowlogs.DataEvent"}})", "OCI log"},
      {R"({"category":"NetworkSecurityGroupFlowEvent"})", "Azure NSG flow"},
      {R"({"category":"FlowLogFlowEvent","flowRecords":{}})", "Azure VNet flow"},
      {R"({"operationName":{"value":"x"},"eventTimestamp":"t"})", "Azure activity"},
      {R"({"AlertType":"x","SystemAlertId":"y"})", "Defender for Cloud"},
      {R"({"logName":"l","insertId":"i","protoPayload":{}})", "Google Cloud audit"},
      {R"({"finding":{},"notificationConfigName":"n"})", "Security Command Center"},
      {R"({"specversion":"1.0","type":"t","source":"s"})", "CloudEvents"},
      {R"({"class_uid":4001,"category_uid":4,"metadata":{}})", "OCSF"},
      {R"({"ts":1,"uid":"C1","id.orig_h":"192.0.2.1"})", "Zeek"},
      {R"({"timestamp":"t","flow_id":1,"event_type":"alert"})", "Suricata"},
      {"#separator \\x09\n#fields\tts\n", "Zeek"},
      {"identity/LineItemId,identity/TimeInterval,lineItem/UsageStartDate\n", "cost and usage"},
      {"bill_bill_type,line_item_usage_start_date\n", "cost and usage"},
      {"BilledCost,ChargePeriodStart,ServiceName\n", "FOCUS"},
      {"Feb 21 21:54:44 host sshd[3402]: Accepted publickey\n", "syslog of logins"},
      {"16:31:56.746609046: Warning Shell in a container (user=root)\n", "Falco alert as text"},
      {"<Event><System><Provider Name=\"Linux-Sysmon\" Guid=\"{0}\"/>\n", "Sysmon for Linux"},
  };
  for (const auto& [text, name] : cases) {
    const std::string reason = why_rejected(text);
    EXPECT_TRUE(reason.starts_with(name) || reason.find(name) != std::string::npos) << text << "\n"
                                                                                    << reason;
    EXPECT_NE(reason.find(": Davy "), std::string::npos) << reason;
  }
}

TEST(Unread, InsideEnvelopesToo) {
  EXPECT_EQ(
      why_rejected(R"({"message":"{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\"}"})"),
      "Kubernetes audit event: Davy does not read it yet");
  EXPECT_EQ(
      why_rejected(
          R"({"detail-type":"Security Hub Findings - Imported","source":"aws.securityhub","detail":{"findings":[{"ProductArn":"arn:p"}]}})"),
      "Security Hub finding (ASFF): Davy does not read it yet");
}

TEST(Unread, TheRestIsUnknown) {
  EXPECT_EQ(why_rejected(R"({"category":"x","time":1})"), "JSON of no format Davy knows");
  EXPECT_EQ(why_rejected("{}"), "JSON of no format Davy knows");
  EXPECT_EQ(why_rejected("milk, eggs"), "text of no format Davy knows");
}

}  // namespace
}  // namespace davy::decode
