/** `WFUWP_TEST_HURRY=20`: what is waited for between machines takes a twentieth of its time, so that a test can meet a
 *  hundred lost leases. For nobody else: a process in a hurry takes one that isn't for dead. */
export const HURRY = Math.min(1_000, Math.max(1, Number(process.env.WFUWP_TEST_HURRY) || 1));
