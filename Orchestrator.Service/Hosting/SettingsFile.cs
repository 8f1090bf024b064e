using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Memory;

namespace Orchestrator.Service.Hosting;

/// <summary>A JSON file of settings that an environment variable names: for keys that no shell can export, such as those with a repository's name in them. The environment goes before it.</summary>
internal static class SettingsFile
{
    public const string Variable = "ORCHESTRATOR_SETTINGS";

    /// <exception cref="BrokenSettingsException">The file can't be read, or is no JSON.</exception>
    public static void AddSettingsFile(this ConfigurationManager configuration)
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } path)
            return;
        if (!Path.IsPathRooted(path) || !File.Exists(path))
            throw new BrokenSettingsException([$"{Variable} must name a file of settings by an absolute path. Found: {path}."]);
        IList<IConfigurationSource> sources = configuration.Sources;
        var environment = sources.ToList().FindLastIndex(source => source is EnvironmentVariablesConfigurationSource { Prefix: null or "" });
        try
        {
            var file = new ConfigurationBuilder().AddJsonFile(path).Build().AsEnumerable().Where(setting => setting.Value is not null).ToList();
            sources.Insert(environment < 0 ? sources.Count : environment, new MemoryConfigurationSource { InitialData = file });
        }
        catch (Exception unreadable) when (unreadable is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new BrokenSettingsException([$"{Variable} names {path}, which can't be read as JSON: {unreadable.InnerException?.Message ?? unreadable.Message}"]);
        }
    }
}
