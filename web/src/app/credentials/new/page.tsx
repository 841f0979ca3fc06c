import { AddCredential } from "@/features/credentials/add-credential";

export default function Page() {
  return <AddCredential />;
}
