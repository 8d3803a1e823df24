// SPDX-License-Identifier: Apache-2.0
#include "davy/simulate/people.h"

#include <fmt/format.h>

#include "davy/simulate/json_text.h"

namespace davy::simulate {

Caller ci_deploy(std::string_view ip) {
  return user_key(kProduction, "ci-deploy", kPipelineKey, ip,
                  "aws-cli/2.24.3 md/awscrt#0.23.8 ua/2.0 os/linux#6.8.0-1021-azure md/arch#x86_64 "
                  "lang/python#3.12.6 md/pyimpl#CPython cfg/retry-mode#standard md/installer#exe");
}

Caller console_session(const Person& person, Time since, std::string_view browser) {
  const std::string role = fmt::format("AWSReservedSSO_{}_{}", person.permission_set,
                                       Rng(0, person.permission_set).hex(16));
  Caller caller = role_session(person.account, role, fmt::format("{}@example.com", person.name),
                               person.ip, browser, since);
  caller.path = "/aws-reserved/sso.amazonaws.com/";
  caller.mfa = true;
  return caller;
}

Call console_login_call(const Person& person, Time time) {
  Call call;
  call.time = time;
  call.region = person.region;
  call.service = "signin";
  call.operation = "ConsoleLogin";
  call.event_type = "AwsConsoleSignIn";
  call.response = R"({"ConsoleLogin":"Success"})";
  call.additional = Object()
                        .text("LoginTo", "https://console.aws.amazon.com/")
                        .text("MobileVersion", "No")
                        .text("MFAUsed", "Yes")
                        .done();
  return call;
}

Call assume_role_call(Rng& rng, Time time, std::string_view account, std::string_view role,
                      std::string_view session) {
  const std::string arn = fmt::format("arn:aws:iam::{}:role/{}", account, role);
  const std::string credentials = Object()
                                      .text("accessKeyId", "ASIA" + rng.capitals(16))
                                      .text("sessionToken", "IQoJb3JpZ2luX2Vj" + rng.hex(480))
                                      .text("expiration", to_rfc3339(time + kHour))
                                      .done();
  Call call;
  call.time = time;
  call.region = "us-east-1";
  call.service = "sts";
  call.operation = "AssumeRole";
  call.request = Object().text("roleArn", arn).text("roleSessionName", session).done();
  call.response = Object().raw("credentials", credentials).done();
  call.resources = list(
      {Object().text("accountId", account).text("type", "AWS::IAM::Role").text("ARN", arn).done()});
  return call;
}

}  // namespace davy::simulate
