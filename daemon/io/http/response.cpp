#include "io/http/response.hpp"

#include <array>

#include "wire/json_text.hpp"

namespace surged {

int status_of_code(std::string_view code) {
    struct Pair {
        std::string_view code;
        int status;
    };
    static constexpr std::array pairs = {
        Pair{"bad_request", 400},
        Pair{"invalid", 400},
        Pair{"unauthorized", 401},
        Pair{"wrong_token", 401},
        Pair{"session_over", 401},
        Pair{"wrong_code", 401},
        Pair{"forbidden", 403},
        Pair{"refused", 403},
        Pair{"not_found", 404},
        Pair{"unknown_incident", 404},
        Pair{"unknown_person", 404},
        Pair{"unknown_silence", 404},
        Pair{"unknown_roster", 404},
        Pair{"method_not_allowed", 405},
        Pair{"gone", 410},
        Pair{"over", 410},
        Pair{"length_required", 411},
        Pair{"too_large", 413},
        Pair{"unsupported_media_type", 415},
        Pair{"internal", 500},
        Pair{"unavailable", 503},
        Pair{"standby", 503},
    };
    for (const Pair& pair : pairs) {
        if (pair.code == code) {
            return pair.status;
        }
    }
    return 409;
}

HttpResponse favicon() {
    HttpResponse response;
    response.content_type = "image/svg+xml";
    response.body =
        R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" fill="#10151c"/>)"
        R"(<path d="M4 24h6l4-8 5 5 5-14 4 4" fill="none" stroke="#e8413c" stroke-width="3" stroke-linejoin="round"/></svg>)";
    return response;
}

HttpResponse error_response(std::string_view code, std::string_view message) {
    HttpResponse response;
    response.status = status_of_code(code);
    JsonWriter json(response.body);
    json.begin_object().key("error").begin_object();
    json.field("code", code).field("message", message).end_object().end_object();
    return response;
}

HttpResponse from_result(ApiResult<std::string> result) {
    if (!result) {
        return error_response(result.error().code, result.error().message);
    }
    HttpResponse response;
    response.body = *std::move(result);
    return response;
}

}  // namespace surged
