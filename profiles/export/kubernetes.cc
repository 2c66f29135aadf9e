// A pool and its web server as a Deployment, with the objects around it (kubernetes.io/docs/reference).
#include "profiles/base/text.h"
#include "profiles/export/engines.h"
#include "profiles/export/yaml_tree.h"

namespace profiles {
namespace {

constexpr const char* kWebPort = "8080";

// What a claim asks for; nobody but the operator knows how much it is.
constexpr const char* kClaim = "{requests: {storage: 1Gi}}";

YamlTree object(const std::string& version, const std::string& kind, const std::string& name, const Policy& policy) {
  YamlTree out;
  out.set("apiVersion", version);
  out.set("kind", kind);
  out.set("metadata.name", yaml_text(name));
  out.set("metadata.labels.app", yaml_text(policy.name));
  return out;
}

// Options of the table for one part of the manifests: lines that begin with its name and a dot.
std::string lines_for(const std::string& part, const std::vector<EngineLine>& options) {
  std::vector<std::string> out;
  for (const EngineLine& option : options)
    for (const std::string& line : base::split(option.text, '\n'))
      if (line.starts_with(part + ".")) out.push_back(line.substr(part.size() + 1));
  return base::join(out, "\n");
}

YamlTree pool_container(const EngineChoice& choice, const std::vector<EngineLine>& options) {
  YamlTree out;
  out.set("name", "pool");
  out.set("image", yaml_text(choice.image));
  set_lines(lines_for("fpm", options), out);
  return out;
}

// Another user than the pool's, and the group that the pool's socket is open to.
YamlTree web_container(const Policy& policy, const EngineChoice& choice, const EngineValues& values) {
  YamlTree out;
  out.set("name", "web");
  out.set("image", yaml_text(choice.web_image));
  out.set("ports[]", std::string("{name: http, containerPort: ") + kWebPort + "}");
  out.set("securityContext.runAsUser", "33");
  out.set("securityContext.runAsGroup", "33");
  out.set("securityContext.readOnlyRootFilesystem", "true");
  out.set("securityContext.allowPrivilegeEscalation", "false");
  out.set("securityContext.capabilities.drop", "[ALL]");
  out.set("resources.limits", "{memory: 128Mi, cpu: 1000m}");
  out.set("resources.requests", "{memory: 32Mi}");
  out.set("readinessProbe", "{tcpSocket: {port: http}, periodSeconds: 10}");
  out.set("volumeMounts[]", "{name: web-tmp, mountPath: /tmp}");
  if (policy.listen.tcp.empty()) out.set("volumeMounts[]", "{name: run, mountPath: /run/fpmbox, readOnly: true}");
  for (const auto& one : values.repeated)
    if (const auto path = one.find("path"); path != one.end())
      out.set("volumeMounts[]", "{name: data" + one.at("volume") + ", mountPath: " + path->second + ", readOnly: true}");
  return out;
}

YamlTree deployment(const Policy& policy, const EngineChoice& choice, const EngineValues& values, const std::vector<EngineLine>& options) {
  YamlTree out = object("apps/v1", "Deployment", policy.name, policy);
  out.set("spec.replicas", "1");
  out.set("spec.strategy", "{type: Recreate}");  // two pods would write the same claims
  out.set("spec.selector.matchLabels.app", yaml_text(policy.name));
  out.set("spec.template.metadata.labels.app", yaml_text(policy.name));
  YamlTree pod;
  set_lines(lines_for("pod", options), pod);
  pod.set("containers[]", pool_container(choice, options));
  pod.set("containers[]", web_container(policy, choice, values));
  pod.set("volumes[]", "{name: web-tmp, emptyDir: {medium: Memory, sizeLimit: 64Mi}}");
  out.set("spec.template.spec", std::move(pod));
  return out;
}

// Visitors come to the web server's port; nothing goes out but what the options say.
YamlTree network_policy(const Policy& policy, const std::vector<EngineLine>& options) {
  YamlTree out = object("networking.k8s.io/v1", "NetworkPolicy", policy.name, policy);
  out.set("spec.podSelector.matchLabels.app", yaml_text(policy.name));
  out.set("spec.ingress[]", std::string("{ports: [{protocol: TCP, port: ") + kWebPort + "}]}");
  const std::string lines = lines_for("network", options);
  if (lines.empty()) out.set("spec.policyTypes", "[Ingress]");
  else set_lines(lines, out);
  return out;
}

YamlTree service(const Policy& policy) {
  YamlTree out = object("v1", "Service", policy.name, policy);
  out.set("spec.selector.app", yaml_text(policy.name));
  out.set("spec.ports[]", "{name: http, port: 80, targetPort: http}");
  return out;
}

YamlTree claim(const Policy& policy, const std::string& volume) {
  YamlTree out = object("v1", "PersistentVolumeClaim", policy.name + volume, policy);
  out.set("spec.accessModes", "[ReadWriteOnce]");
  out.set("spec.resources", kClaim);
  return out;
}

constexpr const char* kSecondFilter =
    "# The pool's own filter is loaded inside, whatever the node has. A second one of your own is opt-in, since it takes a file on\n"
    "# every node: seccompProfile: {type: Localhost, localhostProfile: FILE}; it has to let fpmbox set up its walls.\n\n";

}  // namespace

base::Result<Exported> export_kubernetes(const Policy& policy, const EngineChoice& choice) {
  TRY(check_for_container(policy, choice));
  const EngineValues values = engine_values(policy, choice, Engine::kubernetes);
  const std::vector<EngineLine> options = options_of(Engine::kubernetes, values);
  Exported out{{}, gaps_of(Engine::kubernetes, values)};
  out.text = engine_head("Manifests for Kubernetes (kubectl apply -f)", policy, out.gaps) + kSecondFilter;
  std::vector<std::string> texts = {deployment(policy, choice, values, options).text(), service(policy).text(), network_policy(policy, options).text()};
  for (const auto& one : values.repeated)
    if (const auto volume = one.find("volume"); volume != one.end()) texts.push_back(claim(policy, volume->second).text());
  out.text += base::join(texts, "---\n");
  return out;
}

}  // namespace profiles
