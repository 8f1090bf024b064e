using System.Globalization;
using System.Reflection;
using FuzzySharp;
using Orchestrator.Service.Classify;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Service.Delivery.Stages;

/// <summary>Reads a pipeline, with all that is wrong about it at once: line, rule and remedy.</summary>
internal sealed class PipelineFile
{
    private static readonly string[] StageKeys = ["name", "agent", "prompt", "runner", "job", "enter", "gates", "on-failure", "on-new-head", "time-limit", "gate-within", "serial"];
    private static readonly TimeSpan DefaultGateWithin = TimeSpan.FromDays(7);

    private readonly string _file;
    private readonly IReadOnlyCollection<string> _gates;
    private readonly List<string> _errors = [];

    private PipelineFile(string file, IReadOnlyCollection<string> gates) => (_file, _gates) = (file, gates);

    /// <summary>The pipeline that is used where the configuration names none.</summary>
    public static string Default()
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("Orchestrator.Service.Delivery.Stages.pipeline.yaml")!);
        return reader.ReadToEnd();
    }

    /// <param name="file">Its name, for the errors.</param>
    /// <param name="text">Its text.</param>
    /// <param name="gates">The gates that are registered.</param>
    /// <param name="errors">One sentence per broken rule, in the order of the lines.</param>
    /// <returns>Null if a rule is broken.</returns>
    public static DeliveryPipeline? Read(string file, string text, IReadOnlyCollection<string> gates, out IReadOnlyList<string> errors)
    {
        var reader = new PipelineFile(file, gates);
        var pipeline = reader.Read(text);
        errors = reader._errors;
        return errors.Count == 0 ? pipeline : null;
    }

    private DeliveryPipeline? Read(string text)
    {
        var yaml = new YamlStream();
        try
        {
            yaml.Load(new StringReader(text));
        }
        catch (YamlException broken)
        {
            _errors.Add($"{_file}:{broken.Start.Line}: it is no YAML: {broken.Message}");
            return null;
        }

        if (yaml.Documents is not [{ RootNode: YamlMappingNode root }])
        {
            _errors.Add($"{_file}:1: must be one mapping with the keys retries and stages.");
            return null;
        }

        var top = Keys(root, ["retries", "stages"], "the pipeline");
        var retries = 3;
        if (top.TryGetValue("retries", out var wanted) && (Text(wanted) is not { } number || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out retries) || retries > 100))
            Wrong(wanted, "retries: must be 0 to 100.");
        if (!top.TryGetValue("stages", out var list) || list is not YamlSequenceNode { Children.Count: > 0 } sequence)
        {
            Wrong(list ?? root, "stages: must list at least one stage.");
            return null;
        }

        var stages = sequence.Children.Select(ReadStage).OfType<(YamlNode Node, Stage Stage)>().ToList();
        var order = stages.Select(entry => entry.Stage.Name).ToList();
        foreach (var twice in stages.GroupBy(entry => entry.Stage.Name).Where(group => group.Count() > 1))
            Wrong(twice.Last().Node, $"the stage '{twice.Key}' is there twice. Rename one of them: a task remembers its stage by name.");
        foreach (var (node, stage) in stages)
        {
            if (stage.OnNewHead is { } again && (!order.Contains(again) || order.IndexOf(again) >= order.IndexOf(stage.Name)))
                Wrong(node, $"on-new-head of '{stage.Name}': '{again}' must be an earlier stage of this pipeline: its gates see the new head.");
            if (stage.OnFailure is not OnFailure.BackTo { Stage: var back })
                continue;
            if (!order.Contains(back))
                Wrong(node, $"on-failure of '{stage.Name}': {Unknown(back, [.. order, "hold"], "a stage of this pipeline, nor hold")}");
            else if (order.IndexOf(back) > order.IndexOf(stage.Name))
                Wrong(node, $"on-failure of '{stage.Name}': '{back}' comes later. What has failed goes back, to an earlier stage or to its own begin.");
        }

        return new DeliveryPipeline([.. stages.Select(entry => entry.Stage)], retries);
    }

    private (YamlNode, Stage)? ReadStage(YamlNode node)
    {
        if (node is not YamlMappingNode mapping)
        {
            Wrong(node, "a stage must be a mapping with a name and who works on it.");
            return null;
        }

        var keys = Keys(mapping, StageKeys, "a stage");
        var before = _errors.Count;
        var name = keys.TryGetValue("name", out var named) ? Text(named) : null;
        if (name is not { Length: > 0 and <= 60 } || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            Wrong(named ?? node, "name: must be 1 to 60 letters, digits, - and _.");
        var worker = ReadWorker(node, keys);
        var enter = ReadGates(keys, "enter");
        if (enter.Count > 0 && worker is Worker.Agent)
            Wrong(keys["enter"], "enter: an agent asks no gates before it begins. Put them under gates of the stage before, or let a runner or a job do the stage.");
        var after = ReadGates(keys, "gates");
        if (worker is Worker.Agent or Worker.Runner && after.Count == 0)
            Wrong(keys.GetValueOrDefault("gates") ?? node, "gates: must name at least one: without a gate an exit code would decide, and an exit code proves nothing.");
        OnFailure onFailure = keys.TryGetValue("on-failure", out var failure) && Text(failure) is { Length: > 0 } to ? to == "hold" ? new OnFailure.Hold() : new OnFailure.BackTo(to) : Missing();
        var limit = ReadTime(keys, "time-limit", TimeSpan.FromSeconds(1), TimeSpan.FromDays(30));
        var within = ReadTime(keys, "gate-within", TimeSpan.FromSeconds(1), TimeSpan.FromDays(365)) ?? DefaultGateWithin;
        var serial = true;
        if (keys.TryGetValue("serial", out var turn) && !bool.TryParse(Text(turn), out serial))
            Wrong(turn, "serial: must be true or false.");
        string? newHead = null;
        if (keys.TryGetValue("on-new-head", out var head) && Text(head) is not { Length: > 0 })
            Wrong(head, "on-new-head: must name a stage.");
        else if (head is not null)
            newHead = Text(head);
        return _errors.Count > before || worker is null ? null : (node, new Stage(name!, worker, enter, after, onFailure, limit, within, serial, newHead));

        OnFailure Missing()
        {
            Wrong(failure ?? node, "on-failure: must name the stage that begins anew, or hold.");
            return new OnFailure.Hold();
        }
    }

    private Worker? ReadWorker(YamlNode node, Dictionary<string, YamlNode> keys)
    {
        var agent = ReadAgent(keys);
        if (keys.ContainsKey("runner") && keys.ContainsKey("job"))
            Wrong(node, "a stage is done by a runner or by a job, not by both. Take one away.");
        if (keys.TryGetValue("runner", out var runner))
            return One<RunnerKind>(runner, "runner") is { } kind ? new Worker.Runner(kind, agent) : null;
        if (keys.TryGetValue("job", out var job))
        {
            if (agent is not null)
                Wrong(node, "agent: a job of the service has no agent in its place. Take one away.");
            return One<ReservedJob>(job, "job") is { } reserved ? new Worker.Reserved(reserved) : null;
        }

        if (agent is null && !keys.ContainsKey("agent"))
            Wrong(node, "a stage must say who works on it: agent, runner or job.");
        return agent;
    }

    private Worker.Agent? ReadAgent(Dictionary<string, YamlNode> keys)
    {
        if (!keys.TryGetValue("agent", out var command))
        {
            if (keys.TryGetValue("prompt", out var alone))
                Wrong(alone, "prompt: is for an agent; name one under agent, or take the prompt away.");
            return null;
        }

        var prompt = keys.TryGetValue("prompt", out var template) ? Text(template) : null;
        if (Text(command) is not { Length: > 0 } name)
            Wrong(command, "agent: must name a command of the agents' lane.");
        else if (prompt is not { Length: > 0 } || prompt.Contains('/'))
            Wrong(template ?? command, "prompt: an agent needs the name of a template, without a folder.");
        else
            return new Worker.Agent(name, prompt);
        return null;
    }

    private T? One<T>(YamlNode node, string key)
        where T : struct, Enum
    {
        var names = Enum.GetValues<T>().ToDictionary(Kebab);
        if (Text(node) is { } found && names.TryGetValue(found, out var value))
            return value;
        Wrong(node, $"{key}: {Unknown(Text(node) ?? "", names.Keys, $"a {key}")}");
        return null;
    }

    private List<string> ReadGates(Dictionary<string, YamlNode> keys, string key)
    {
        if (!keys.TryGetValue(key, out var node))
            return [];
        var names = node switch
        {
            YamlSequenceNode sequence => sequence.Children.Select(child => (Node: child, Name: Text(child))).ToList(),
            YamlScalarNode => [(node, Text(node))],
            _ => [(node, null)],
        };
        foreach (var (child, name) in names.Where(entry => entry.Name is null || !_gates.Contains(entry.Name)))
            Wrong(child, $"{key}: {Unknown(name ?? "", _gates, "a gate")}");
        return [.. names.Select(entry => entry.Name ?? "")];
    }

    private TimeSpan? ReadTime(Dictionary<string, YamlNode> keys, string key, TimeSpan min, TimeSpan max)
    {
        if (!keys.TryGetValue(key, out var node))
            return null;
        var text = Text(node) ?? "";
        var unit = text.Length == 0 ? ' ' : text[^1];
        var seconds = unit switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86400, _ => 0 };
        if (seconds > 0 && int.TryParse(text.AsSpan()[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count * (double)seconds is var total
            && total >= min.TotalSeconds && total <= max.TotalSeconds)
            return TimeSpan.FromSeconds(total);
        Wrong(node, $"{key}: must be a number with s, m, h or d, as 90m, from {min} to {max}. Found: '{text}'.");
        return null;
    }

    private Dictionary<string, YamlNode> Keys(YamlMappingNode mapping, string[] known, string what)
    {
        var keys = new Dictionary<string, YamlNode>(StringComparer.Ordinal);
        foreach (var (key, value) in mapping.Children)
        {
            if (Text(key) is { } name && known.Contains(name))
                keys[name] = value;
            else
                Wrong(key, Unknown(Text(key) ?? "", known, $"a key of {what}"));
        }

        return keys;
    }

    private void Wrong(YamlNode node, string error) => _errors.Add(string.Create(CultureInfo.InvariantCulture, $"{_file}:{node.Start.Line}: {error}"));

    private static string? Text(YamlNode node) => (node as YamlScalarNode)?.Value;

    private static string Unknown(string found, IEnumerable<string> known, string what)
    {
        var names = known.ToList();
        var shown = Ellipsis.Of(found, 80);
        return names.MaxBy(name => Fuzz.Ratio(name, shown)) is { } nearest
            ? $"'{shown}' is not {what}. Did you mean '{nearest}'? Known: {string.Join(", ", names)}."
            : $"'{shown}' is not {what}; there is none.";
    }

    private static string Kebab<T>(T value) where T : struct, Enum =>
        string.Concat(value.ToString().Select((c, i) => char.IsUpper(c) && i > 0 ? $"-{char.ToLowerInvariant(c)}" : char.ToLowerInvariant(c).ToString()));
}
