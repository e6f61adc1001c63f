// SMS by China Mobile's Cloud MAS over HTTP: base64 of a JSON object whose `mac` is the MD5 of its fields in a row; free text
// (norsubmit) or a template with the text as its one variable (tmpsubmit). The gateway says what became of it by a code in the
// body.
#include <array>

#include "channels/cmas_pull.hpp"
#include "channels/keys.hpp"
#include "channels/signature.hpp"
#include "core/base/encoding.hpp"
#include "core/base/phone_number.hpp"
#include "wire/json_text.hpp"

namespace surged {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t mobiles_max = 5000;  // of one request, the gateway's limit

constexpr std::array cmas_keys{
    url_key,
    url_file_key,
    ChannelKey{.name = "ec_name", .needed = true, .meaning = "the enterprise's name"},
    ChannelKey{.name = "ap_id", .needed = true, .meaning = "the account of the interface"},
    ChannelKey{.name = "secret_file", .form = KeyForm::secret_line, .needed = true, .meaning = "the account's key"},
    ChannelKey{.name = "sign", .needed = true, .meaning = "the code of the signature"},
    ChannelKey{.name = "add_serial", .meaning = "the extension of the sender's number"},
    ChannelKey{.name = "template_id", .meaning = "an approved template whose one variable is the text"},
    ChannelKey{.name = "signature", .meaning = "what the gateway puts before the text; it counts as part of the message"},
    ChannelKey{.name = "report_url", .form = KeyForm::url, .meaning = "where receipts are asked for"},
    ChannelKey{.name = "reply_url", .form = KeyForm::url, .meaning = "where messages of people are asked for"},
    ca_file_key,
    proxy_key,
    keep_warm_key};

constexpr std::array<AnswerRule, 9> cmas_answers = {{
    {"success", "", OutcomeClass::ok, 0s, ""},
    {"IllegalMac", "", OutcomeClass::config_error, 0s, "the checksum does not match: ec_name, ap_id, secret_file or sign"},
    {"IllegalSignId", "", OutcomeClass::config_error, 0s, "the signature code `sign` is not valid"},
    {"NoSignId", "", OutcomeClass::config_error, 0s, "no signature belongs to `sign`"},
    {"InvalidUsrOrPwd", "", OutcomeClass::config_error, 0s, "ap_id or the key in secret_file is wrong"},
    {"NOT_WHITE_IP", "", OutcomeClass::config_error, 0s, "this host's address is not on the gateway's list"},
    {"InvalidMessage", "", OutcomeClass::reject, 0s, "the gateway cannot read the message"},
    {"TooManyMobiles", "", OutcomeClass::reject, 0s, "more than 5000 numbers"},
    {"", "too fast", OutcomeClass::retry, 10s, "throttled by the gateway"},
}};

std::string cmas_number(const Recipient& person) {
    return national_number(person.address.empty() ? person.mobile : person.address);
}

Request build_cmas(const PageInput& in) {
    std::string mobiles;
    std::size_t count = 0;
    for (const auto& person : in.order.people) {
        const auto number = cmas_number(person);
        if (!number.empty() && count < mobiles_max) {
            mobiles += (mobiles.empty() ? "" : ",") + number;
            ++count;
        }
    }
    if (mobiles.empty()) {
        return refused("no mobile number that can be called");
    }
    auto out = json_request(in.channel);
    const auto& spec = in.channel.spec;
    const auto ec = setting(spec, "ec_name");
    const auto ap = setting(spec, "ap_id");
    const auto sign = setting(spec, "sign");
    const auto serial = setting(spec, "add_serial");
    const auto& key = in.channel.key.reveal();
    const auto form = setting(spec, "template_id");
    std::string said = in.order.text;
    if (!form.empty()) {
        said.clear();
        JsonWriter(said).begin_array().value(in.order.text).end_array();
        const auto& url = in.channel.url.reveal();
        if (url.ends_with(cmas_free_path)) {
            out.url = Secret(url.substr(0, url.size() - cmas_free_path.size()) + std::string(cmas_template_path));
        }
    }
    const Secret fields(ec + ap + key + form + mobiles + said + sign + serial);
    std::string text;
    JsonWriter json(text);
    json.begin_object().field("ecName", ec).field("apId", ap).field("secretKey", key);
    if (!form.empty()) {
        json.field("templateId", form);
    }
    json.field("mobiles", mobiles).field(form.empty() ? "content" : "params", said);
    json.field("sign", sign).field("addSerial", serial).field("mac", md5_hex(fields.reveal())).end_object();
    out.body = base64(text);
    return out;
}

}  // namespace

const ChannelType& cmas_sms_type() {
    static constexpr ChannelType type{.name = "cmas_sms",
                                      .keys = cmas_keys,
                                      .one_of = url_or_file,
                                      .rate = {20, 1s},
                                      .text_limit = 70,
                                      .text_prefix = "signature",
                                      .reach = ReachBy::mobile,
                                      .coalesce = true,
                                      .path = cmas_free_path,
                                      .build = build_cmas,
                                      .answers = {.code_in = CodeIn::json_body,
                                                  .code_keys = {"rspcod"},
                                                  .answers = cmas_answers,
                                                  .throttle_pause = 30s,
                                                  .id_key = "msgGroup",
                                                  .traced = true},
                                      .ask = write_cmas_pull,
                                      .read_pulled = read_cmas_pull};
    return type;
}

}  // namespace surged
