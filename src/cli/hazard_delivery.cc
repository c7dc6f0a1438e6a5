#include "cli/hazard_delivery.h"

#include <fmt/format.h>

#include <optional>

#include "net/http_client.h"

namespace okiagari::cli {

base::Status deliver_public_message(const net::Endpoint& desk, const std::string& key,
                                    const std::string& xml) {
  net::Loop loop;
  net::HttpClient client(loop);
  net::HttpCall call;
  call.to = desk;
  call.method = net::HttpMethod::post;
  call.target = "/webhooks/public-message";
  call.headers = {{"Authorization", "Bearer " + key}, {"Content-Type", "application/xml"}};
  call.body = xml;
  std::optional<base::Result<net::HttpResponse>> answer;
  client.fetch(std::move(call), [&](base::Result<net::HttpResponse> got) { answer = got; });
  while (!answer) loop.turn(net::Loop::now_ms() + 10);
  if (!*answer) return answer->error();
  const int status = answer->value().status;
  if (status >= 200 && status < 300) return {};
  return base::Error{fmt::format("the desk at {} does not take the public message: {} {}",
                                 net::to_string(desk), status, answer->value().body)};
}

}  // namespace okiagari::cli
