namespace Orchestrator.Local;

internal static class Usage
{
    public static int Show()
    {
        Console.Error.WriteLine("""
            Verbs:
              run   replay an incident: a PDF of 22 invoices, three permits, and waits that outlast the visibility timeout (run --help);
                    or with --delivery two pieces of delivery work, from a signed webhook to a merge
              up    start PostgreSQL and an emulator of SQS, SNS and S3, print where they are, and stay until Ctrl-C
            """);
        return 2;
    }
}
