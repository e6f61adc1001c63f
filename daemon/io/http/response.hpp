// What a request is answered with, before it is bytes on a socket: status, type, body, and what an error looks like.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/http/api.hpp"

namespace surged {

struct HttpResponse {
    int status = 200;
    std::string content_type = "application/json; charset=utf-8";
    std::string body;
    std::shared_ptr<const std::string> shared;  ///< stands for `body` when set: others read it too
    std::vector<std::pair<std::string, std::string>> headers;  ///< beyond the ones every response has
};

/// The mark that browsers show on the page's tab.
HttpResponse favicon();

/// {"error":{"code":..,"message":..}} with the status of the code.
HttpResponse error_response(std::string_view code, std::string_view message);

/// What the program said: its JSON, or why not.
HttpResponse from_result(ApiResult<std::string> result);

}  // namespace surged
