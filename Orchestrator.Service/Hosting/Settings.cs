using System.Collections;
using System.Globalization;
using System.Reflection;
using FuzzySharp;
using Orchestrator.Service.Processes;
using Orchestrator.Service.Receive;

namespace Orchestrator.Service.Hosting;

/// <summary>Binds and validates every section at start: all errors at once, or none.</summary>
public static class Settings
{
    /// <summary>Registers every options class, bound from configuration.</summary>
    /// <exception cref="BrokenSettingsException">A rule is broken or a key is unknown; the message lists all of them.</exception>
    public static void AddSettings(this IHostApplicationBuilder builder)
    {
        var root = builder.Configuration.GetSection(OptionSections.Root);
        var broken = new List<string>();
        var read = new List<object>();
        foreach (var section in OptionSections.All)
        {
            object? options;
            try
            {
                options = Activator.CreateInstance(section.Type)!;
                root.GetSection(section.Name).Bind(options);
                broken.AddRange(UnreadableEntries(root.GetSection(section.Name), section.Type));
            }
            catch (InvalidOperationException unreadable)
            {
                broken.Add($"{section.Path}: {unreadable.Message} {unreadable.InnerException?.Message}".TrimEnd());
                continue;
            }

            if (options is IChecked rules)
                broken.AddRange(rules.Check().Select(b => string.Create(CultureInfo.InvariantCulture, $"{section.Path}:{b.Key} {b.Rule}. Found: {b.Found ?? "nothing"}.")));
            read.Add(options);
            builder.Services.AddSingleton(section.Type, options);
        }

        if (read.OfType<LanesOptions>().SingleOrDefault() is { } lanes && read.OfType<CommandsOptions>().SingleOrDefault() is { } commands)
            broken.AddRange(UnknownCommands(lanes, commands));
        broken.AddRange(UnknownKeys(root));
        if (broken.Count > 0)
            throw new BrokenSettingsException(broken);
    }

    private static IEnumerable<string> UnknownCommands(LanesOptions lanes, CommandsOptions commands) =>
        from lane in lanes
        where lane.Value.Enabled
        from name in lane.Value.Commands
        where !commands.ContainsKey(name)
        let nearest = commands.Keys.MaxBy(known => Fuzz.Ratio(known, name))
        select $"{OptionSections.Root}:Lanes:{lane.Key}:Commands must name commands under {OptionSections.Root}:Commands. Found: {name}." + (nearest is null ? " There are none." : $" Did you mean {nearest}?");

    /// <summary>The binder leaves out what it can't read of a dictionary, wherever it stands, and says nothing: a lane would be missing, or a gate that was to be switched off be asked.</summary>
    private static IEnumerable<string> UnreadableEntries(IConfigurationSection section, Type type)
    {
        if (EntriesOf(type) is not { } entries)
            return section.GetChildren().SelectMany(child => type.GetProperty(child.Key, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase)?.PropertyType is not { } nested ? []
                : EntriesOf(nested) is null && !IsOurs(nested) ? []
                : child.Value is { Length: > 0 } ? [$"{child.Path} must have settings of its own, and no value."] // which may be a secret in the wrong place
                : UnreadableEntries(child, nested));
        return IsOurs(entries) ? section.GetChildren().SelectMany(child => UnreadableEntry(child, entries)) : [];
    }

    private static IEnumerable<string> UnreadableEntry(IConfigurationSection child, Type type)
    {
        if (child.Value is { Length: > 0 } value)
            return [$"{child.Path} must have settings of its own, and no value. Found: {value}."];
        try
        {
            child.Get(type);
        }
        catch (InvalidOperationException unreadable)
        {
            return [$"{child.Path}: {unreadable.Message} {unreadable.InnerException?.Message}".TrimEnd()];
        }

        return UnreadableEntries(child, type);
    }

    private static bool IsOurs(Type type) => type.IsClass && type.Assembly == typeof(Settings).Assembly;

    /// <summary>The class of the values, where a section is a list of named entries.</summary>
    private static Type? EntriesOf(Type type) =>
        (type.IsGenericType ? type : type.BaseType) is { IsGenericType: true } dictionary && dictionary.GetGenericTypeDefinition() == typeof(Dictionary<,>) ? dictionary.GetGenericArguments()[1] : null;

    private static IEnumerable<string> UnknownKeys(IConfigurationSection root)
    {
        foreach (var section in root.GetChildren())
        {
            var known = OptionSections.All.FirstOrDefault(s => s.Name.Equals(section.Key, StringComparison.OrdinalIgnoreCase));
            if (known is null)
            {
                yield return Unknown(section.Path, section.Key, OptionSections.All.Select(s => s.Name));
                continue;
            }

            foreach (var message in UnknownKeys(section, known.Type))
                yield return message;
        }
    }

    private static IEnumerable<string> UnknownKeys(IConfigurationSection section, Type type)
    {
        var values = EntriesOf(type);
        foreach (var child in section.GetChildren())
        {
            if (values is not null)
            {
                foreach (var message in UnknownKeys(child, values))
                    yield return message;
                continue;
            }

            var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite || typeof(IEnumerable).IsAssignableFrom(p.PropertyType)).ToList();
            var property = properties.FirstOrDefault(p => p.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase));
            if (property is null)
            {
                yield return Unknown(child.Path, child.Key, properties.Select(p => p.Name));
            }
            else if (EntriesOf(property.PropertyType) is { IsClass: true } entry && entry.Assembly == type.Assembly)
            {
                foreach (var message in child.GetChildren().SelectMany(named => UnknownKeys(named, entry)))
                    yield return message;
            }
            else if (property.PropertyType is { IsClass: true } nested && nested.Assembly == type.Assembly)
            {
                foreach (var message in UnknownKeys(child, nested))
                    yield return message;
            }
        }
    }

    private static string Unknown(string path, string key, IEnumerable<string> known)
    {
        var nearest = known.MaxBy(name => Fuzz.Ratio(name.ToUpperInvariant(), key.ToUpperInvariant()))!;
        return $"{path} is not a setting. Did you mean {nearest}?";
    }
}

/// <summary>The configuration can't be used; the process ends with the message and exit code 78.</summary>
public sealed class BrokenSettingsException(IReadOnlyList<string> errors)
    : Exception($"The configuration has {errors.Count} error(s):{Environment.NewLine}{string.Join(Environment.NewLine, errors.Select(e => "  " + e))}")
{
    public IReadOnlyList<string> Errors { get; } = errors;
}
