using Orchestrator.Local;

return args switch
{
    ["up", .. var rest] => await UpVerb.RunAsync(rest),
    ["run", .. var rest] => await RunVerb.RunAsync(rest),
    _ => Usage.Show(),
};
