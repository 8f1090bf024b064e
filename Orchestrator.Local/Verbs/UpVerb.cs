namespace Orchestrator.Local;

/// <summary>Starts the environment for whoever wants to look around, and keeps it until Ctrl-C, SIGTERM or a closed terminal.</summary>
internal static class UpVerb
{
    public static async Task<int> RunAsync(string[] rest)
    {
        if (rest.Length > 0)
        {
            Console.Error.WriteLine($"up takes no arguments, but got: {string.Join(' ', rest)}");
            return 2;
        }
        using var stop = new StopSignals();
        try
        {
            await using var environment = await LocalEnvironment.StartAsync(ct: stop.Token);
            Console.WriteLine($"""
                The local environment is up. Ctrl-C ends it and removes its data.

                  SQS, SNS, S3   {environment.ServiceUrl}
                  PostgreSQL     {environment.ConnectionString}

                From a shell (any credentials are taken):

                  export AWS_ENDPOINT_URL={environment.ServiceUrl} AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
                  psql '{environment.PsqlArgument}'
                """);
            await stop.Requested;
            return 0;
        }
        catch (CannotStartException e)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }
        catch (OperationCanceledException)
        {
            return 0; // asked to stop before all was up
        }
    }
}
