using System.Text.Json;

namespace Orchestrator.Local.Nodes;

/// <summary>The service as a program: how <c>serve</c> is started with settings, and nothing of the caller's own goes before them.</summary>
internal static class NodeProgram
{
    /// <param name="work">A folder for what it works on; with the file of settings that no environment variable can name.</param>
    /// <param name="log">What it writes.</param>
    /// <param name="signal">Ends it when this process has died.</param>
    /// <param name="url">Where it listens.</param>
    /// <param name="settings">Below <c>Orchestrator:</c>, with colons as in the documentation.</param>
    /// <param name="variables">Further ones of its environment.</param>
    public static Child Start(string work, string log, string signal, Uri url, IReadOnlyDictionary<string, string> settings, params ReadOnlySpan<(string Name, string Value)> variables)
    {
        // A shell stands between, which passes on no name with / or -.
        var named = settings.ToLookup(setting => setting.Key.All(c => char.IsAsciiLetterOrDigit(c) || c is ':' or '_'));
        var environment = named[true].ToDictionary(setting => $"Orchestrator__{setting.Key.Replace(":", "__", StringComparison.Ordinal)}", setting => (string?)setting.Value);
        var file = Path.Combine(work, "settings.json");
        File.WriteAllText(file, JsonSerializer.Serialize(named[false].ToDictionary(setting => $"Orchestrator:{setting.Key}", setting => setting.Value)));
        environment["ORCHESTRATOR_SETTINGS"] = file;
        environment["Orchestrator__Http__Url"] = url.ToString();
        environment["AWS_ACCESS_KEY_ID"] = environment["AWS_SECRET_ACCESS_KEY"] = "local";
        foreach (var (name, value) in variables)
            environment[name] = value;
        return Child.Start(work, log, signal, null, environment, "dotnet", Path.Combine(AppContext.BaseDirectory, "Orchestrator.Service.dll"), "serve");
    }
}
