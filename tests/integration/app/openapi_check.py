"""openapi_check.py OPENAPI ANSWERS: judges answers of a daemon, one a line ({"method","path","status","type","body"}), by the schemas of
the file. A member that the schema does not name is an error here, so that none stays undescribed; for clients it is none."""
import json
import re
import sys

from jsonschema import Draft202012Validator


def strict(schema):
    """The same schema, which allows no member beyond those it names."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    out = {key: strict(value) for key, value in schema.items()}
    if isinstance(out.get("properties"), dict) and "additionalProperties" not in out:
        out["additionalProperties"] = False
    return out


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        document = json.load(file)
    components = {"schemas": {name: strict(schema) for name, schema in document["components"]["schemas"].items()}}
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    routes = [(re.compile(re.sub(r"\\{id\\}", r"[^/]+", re.sub(r"\\{name\\}", r".+", re.escape(path))) + r"\Z"), methods)
              for path, methods in document["paths"].items()]
    wrong = 0
    judged = 0
    used = set()
    with open(sys.argv[2], encoding="utf-8") as file:
        for line in file:
            answer = json.loads(line)
            path = answer["path"].split("?")[0]
            name = f'{answer["method"]} {answer["path"]} {answer["status"]}'
            known = [methods[answer["method"].lower()] for pattern, methods in routes
                     if pattern.match(path) and answer["method"].lower() in methods]
            if not known:
                schema = {"$ref": "#/components/schemas/Error"} if answer["status"] == 404 else False
            else:
                responses = known[0]["responses"]
                response = responses.get(str(answer["status"]), responses.get("default"))
                content = (response or {}).get("content", {})
                if answer["type"] not in content and not (path.startswith("/a/") and answer["type"] == "text/html"):
                    print(f'{name}: {answer["type"]} is not described')
                    wrong += 1
                    continue
                schema = content.get(answer["type"], {}).get("schema", True)
                used.add(answer["method"] + " " + path)
            judged += 1
            whole = {"allOf": [strict(schema)], "components": components}
            for error in Draft202012Validator(whole).iter_errors(answer["body"]):
                details = [error] + list(error.context or [])
                for one in details[:6]:
                    print(f'{name}: {"/".join(map(str, one.absolute_path))}: {one.message[:300]}')
                wrong += 1
    print(f"{judged} answers, {len(used)} paths, {wrong} wrong")
    return 1 if wrong or judged == 0 else 0


sys.exit(main())
