#include "io/http/login_page.hpp"

#include "io/http/plain_page.hpp"
#include "io/http/query.hpp"
#include "wire/html_text.hpp"

namespace surged {

namespace {

constexpr std::string_view how_to =
    "<p>请在终端运行 <code>surgectl login</code>，再打开它给出的链接。</p><p lang=\"en\">Run <code>surgectl login</code> and open the link it prints.</p>";

}  // namespace

HttpResponse login_page(std::string_view query) {
    const auto code = query_value(query, "code");
    if (!code || code->empty()) {
        return plain_page(200, std::string(how_to));
    }
    return plain_page(200,
                   "<p>在这个浏览器登录？<br><span lang=\"en\">Log in on this browser?</span></p><form method=\"post\" action=\"login\"><input "
                   "type=\"hidden\" name=\"code\" value=\"" +
                       escape_html(*code) + "\"><button>登录 · <span lang=\"en\">Log in</span></button></form>");
}

HttpResponse login_refused_page() {
    return plain_page(401,
                   "<p role=\"alert\">这个链接已经用过，或者超过了两分钟。<br><span lang=\"en\">This link has been used, or is older than two minutes.</span></p>" +
                       std::string(how_to));
}

}  // namespace surged
